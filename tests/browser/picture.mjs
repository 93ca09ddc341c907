// Painters: paint(pixels, width, height, time_s) fills an RGB24 picture. Each function here returns one.

import { random } from './random.mjs';

const kMountainColours = {
  dawn: { sky: ['#f3c9a0', '#f7e6d2'], sun: '#e2573b', far: '#d9b7a4', near: '#3a3b4a' },
  mist: { sky: ['#a9c0bf', '#eef0e6'], sun: '#f8f4e6', far: '#b4c8c3', near: '#16393a' },
  dusk: { sky: ['#2c2f57', '#e88b6a'], sun: '#ffd9a0', far: '#9a6a80', near: '#16142b' },
};
const kWaterColours = {
  jade: { deep: '#0f4a47', light: '#a8d8c4', disc: '#f6ead0', sky: '#cfe6d8' },
  night: { deep: '#0b1026', light: '#5d78b8', disc: '#f4e9c8', sky: '#1b2450' },
  moon: { deep: '#0d1f2d', light: '#86a9b8', disc: '#fbf3d9', sky: '#27475a' },
};

// Ridges one behind the other, paler with distance, mist between them, a sun above.
export function mountains({ hue, seed }) {
  const colours = kMountainColours[hue];
  const [top, bottom, sun, far, near] = [...colours.sky, colours.sun, colours.far, colours.near].map(rgb);
  const next = random(seed);
  const ridges = Array.from({ length: 5 }, (_, depth) => ({
    height: 0.42 + 0.13 * depth, colour: mix(far, near, depth / 4),
    waves: Array.from({ length: 5 }, (_, k) => ({ size: (0.11 - 0.008 * depth) / (k + 1) ** 1.1, step: (2.2 + 2.3 * k) * (0.8 + 0.5 * next()), phase: 6.28 * next() })),
  }));
  const sun_x = 0.25 + 0.5 * next();
  return (pixels, width, height, time_s) => {
    const drift = ridges.map((_, depth) => 0.006 * (depth + 1) * time_s);
    for (let x = 0; x < width; ++x) {
      const u = x / height;
      const crest = ridges.map(({ height: base, waves }, i) => base + waves.reduce((sum, w) => sum + w.size * Math.abs(Math.sin(w.step * (u + drift[i]) + w.phase)), -0.12));
      for (let y = 0; y < height; ++y) {
        const v = y / height;
        let colour = mix(top, bottom, Math.min(1, v * 1.6));
        colour = mix(colour, sun, edge(0.075 - Math.hypot(u - sun_x * width / height, v - 0.24), 0.006));
        for (let i = 0; i < ridges.length; ++i) {
          const below = v - crest[i];
          if (below < -0.004) continue;
          const mist = Math.min(0.75, Math.max(0, below * 3.2 - 0.05 + 0.06 * Math.sin(5 * u + 0.5 * time_s + i)));
          colour = mix(colour, mix(ridges[i].colour, bottom, mist), edge(below, 0.004));
        }
        put(pixels, 3 * (y * width + x), colour);
      }
    }
  };
}

// A disc over water, and the path of light it draws.
export function water({ hue }) {
  const colours = kWaterColours[hue];
  const [deep, light, disc, sky] = [colours.deep, colours.light, colours.disc, colours.sky].map(rgb);
  return (pixels, width, height, time_s) => {
    for (let y = 0; y < height; ++y) {
      for (let x = 0; x < width; ++x) {
        const u = (x - width / 2) / height;
        const v = y / height;
        let colour;
        if (v < 0.46) {
          colour = mix(mix(deep, sky, 0.35 + v), disc, edge(0.13 - Math.hypot(u, v - 0.24), 0.006));
        } else {
          const depth = (v - 0.46) / 0.54;
          const wave = Math.sin(46 * Math.log(0.12 + depth) + 3 * Math.sin(4 * u + 0.7 * time_s) + 1.6 * time_s) + 0.6 * Math.sin(31 * u * (1.2 - depth) + 17 * depth - 1.1 * time_s);
          const path = Math.exp(-((u / (0.05 + 0.3 * depth)) ** 2));
          colour = mix(mix(sky, deep, 0.3 + 0.7 * depth), light, Math.max(0, wave) * 0.28);
          colour = mix(colour, disc, Math.max(0, wave) * 0.62 * path);
        }
        put(pixels, 3 * (y * width + x), colour);
      }
    }
  };
}

// Warm lights afloat in the dark.
export function lanterns({ seed }) {
  const next = random(seed);
  const [low, high, glow, heart] = ['#2a1638', '#0d1230', '#ff8a3c', '#fff0c2'].map(rgb);
  const lights = Array.from({ length: 26 }, () => ({ x: next(), y: next() ** 0.8, size: 0.008 + 0.035 * next() ** 2 }));
  return (pixels, width, height, time_s) => {
    for (let y = 0; y < height; ++y) {
      for (let x = 0; x < width; ++x) {
        let colour = mix(high, low, y / height);
        for (const { x: at_x, y: at_y, size } of lights) {
          const distance = Math.hypot(x / height - at_x * width / height, y / height - at_y + 0.01 * time_s) / size;
          if (distance > 6) continue;
          colour = mix(colour, glow, 0.7 * Math.exp(-distance * 0.75));
          colour = mix(colour, heart, edge(1 - distance, 0.25));
        }
        put(pixels, 3 * (y * width + x), colour);
      }
    }
  };
}

export function still(paint, width, height) {
  const pixels = Buffer.alloc(width * height * 3);
  paint(pixels, width, height, 0);
  return { width, height, pixels };
}

const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
const mix = (a, b, t) => [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
const edge = (distance, softness) => Math.min(1, Math.max(0, distance / softness + 0.5));
function put(pixels, at, colour) {
  pixels[at] = colour[0];
  pixels[at + 1] = colour[1];
  pixels[at + 2] = colour[2];
}
