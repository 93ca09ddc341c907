// Ink landscapes as SVG paths, in a box of kWidth × kHeight.

import { chance } from './chance.js';

export const kWidth = 400;
export const kHeight = 300;

// Colours of old paintings: sky above and below, the disc, the farthest and the nearest ink, the inscription.
const palettes = [
  { sky: ['#dfe6dc', '#f4efe0'], disc: '#c5482f', far: '#b9cbbf', near: '#274a45', words: '#1f2f2c' },  // blue-green
  { sky: ['#f1dcc0', '#f8efe0'], disc: '#c9512f', far: '#dcbf9f', near: '#5a3a2e', words: '#41291f' },  // ochre
  { sky: ['#27324a', '#5b6a86'], disc: '#f3e6c4', far: '#6f7f9b', near: '#121a2b', words: '#f1ead8' },  // indigo night
  { sky: ['#e9e4da', '#f6f3ec'], disc: '#b23a24', far: '#cfc9bd', near: '#2b2926', words: '#2b2926' },  // ink alone
  { sky: ['#3d2f45', '#c98a78'], disc: '#f7d9a8', far: '#a5757a', near: '#231a2c', words: '#f8ecdc' },  // dusk
  { sky: ['#cfdfe6', '#eef3f0'], disc: '#f8f5ea', far: '#a9c3cf', near: '#2c4f66', words: '#213c4e' },  // moon white
  { sky: ['#173b38', '#54867a'], disc: '#efe3bd', far: '#5f9184', near: '#0c2422', words: '#f0ead6' },  // deep jade
  { sky: ['#efd9d2', '#f8efe8'], disc: '#d0664f', far: '#dcb6ae', near: '#6d3b42', words: '#57303a' },  // peach
];

// Everything that a cover drawn from `id` needs. river: flowing lines instead of ridges. The disc keeps clear of
// the inscription: left of it where that is `upright`, right of it where it is not.
export function landscape(id, river, upright) {
  const next = chance(id);
  const palette = palettes[Math.floor(next() * palettes.length)];
  const disc = { x: (upright ? 100 : 235) + 75 * next(), y: 88 + 32 * next(), r: 17 + 11 * next() };
  const count = river ? 7 : 4;
  const lines = Array.from({ length: count }, (_, depth) => ({
    d: river ? flow(next, depth) : ridge(next, depth, count),
    colour: blend(palette.far, palette.near, depth / (count - 1)),
  }));
  return { palette, disc, lines };
}

// A crest of summed arcs, closed along the bottom.
export function ridge(next, depth, count, width = kWidth, height = kHeight) {
  const base = height * (0.55 + 0.36 * depth / count);
  const waves = [1, 2, 3, 4, 5].map((k) => ({
    size: height * 0.17 * (1 - 0.1 * depth) / k ** 1.15, step: (0.55 + 0.9 * k) * (0.8 + 0.5 * next()) / 100, phase: 6.28 * next(),
  }));
  let d = `M0 ${height}`;
  for (let x = 0; x <= width; x += 5) {
    const lift = waves.reduce((sum, { size, step, phase }) => sum + size * Math.abs(Math.sin(step * x + phase)), 0);
    d += `L${x} ${(base + height * 0.13 - lift).toFixed(1)}`;
  }
  return d + `L${width} ${height}Z`;
}

// One of seven strings, bent like water.
function flow(next, depth) {
  const y = kHeight * (0.5 + 0.07 * depth);
  const step = 0.009 + 0.006 * next();
  const phase = 6.28 * next();
  let d = '';
  for (let x = 0; x <= kWidth; x += 8) {
    const swing = (9 + 2 * depth) * Math.sin(step * x + phase) * Math.sin(Math.PI * x / kWidth + 0.4);
    d += `${d ? 'L' : 'M'}${x} ${(y + swing).toFixed(1)}`;
  }
  return d;
}

function blend(a, b, t) {
  const part = (at) => Math.round(parseInt(a.slice(at, at + 2), 16) * (1 - t) + parseInt(b.slice(at, at + 2), 16) * t);
  return `rgb(${part(1)} ${part(3)} ${part(5)})`;
}
