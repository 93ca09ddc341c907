// A small world to recommend from, made on the spot: plucked music, painted pictures, fractals, a
// catalogue of invented films, and a few listeners whose tastes differ. The same call always makes
// the same material. Needs the ffmpeg command line.

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { random } from './random.mjs';
import { pluck } from './sound.mjs';
import { mountains, water, lanterns, still } from './picture.mjs';

const kWidth = 640;
const kHeight = 360;
const kFrameRate = 12;

// Scales as semitones above the lowest string.
const kPentatonic = [0, 2, 4, 7, 9, 12, 14, 16, 19, 21];
const kMinor = [0, 2, 3, 5, 7, 8, 10, 12, 14, 15];

export const kTracks = [
  { file: 'high-mountains.flac', title: 'High Mountains', artist: 'Stone Bridge Ensemble', genre: 'guqin', seed: 11,
    base_hz: 98, scale: kPentatonic, notes_per_s: 2.2, seconds: 14, cover: mountains({ hue: 'dawn', seed: 4 }) },
  { file: 'flowing-water.flac', title: '流水', artist: '松风琴社', genre: '古琴', seed: 12,
    base_hz: 110, scale: kPentatonic, notes_per_s: 4.5, seconds: 14, cover: water({ hue: 'jade' }) },
  { file: 'lantern-walk.mp3', title: 'Lantern Walk', artist: 'Paper Boats', genre: 'ambient', seed: 13,
    base_hz: 146.8, scale: kMinor, notes_per_s: 1.6, seconds: 12, cover: lanterns({ seed: 7 }) },
  { file: 'night-mooring.mp3', title: '夜泊', artist: '松风琴社', genre: '古琴', seed: 14,
    base_hz: 87.3, scale: kMinor, notes_per_s: 1.8, seconds: 12, cover: water({ hue: 'night' }) },
  { file: 'clockwork-rain.ogg', title: 'Clockwork Rain', artist: 'Paper Boats', genre: 'electronic', seed: 15,
    base_hz: 220, scale: kMinor, notes_per_s: 8, seconds: 12 },
];

export const kClips = [
  { file: 'nine-ridges.webm', title: 'Mist over the Nine Ridges', genre: 'nature', paint: mountains({ hue: 'mist', seed: 9 }), seconds: 8 },
  { file: 'moon-on-water.webm', title: '水面月光', genre: '自然', paint: water({ hue: 'moon' }), seconds: 8 },
  { file: 'evening-pass.webm', title: 'Evening at the Pass', genre: 'nature', paint: mountains({ hue: 'dusk', seed: 21 }), seconds: 6 },
  { file: 'seahorse-valley.webm', title: 'Falling into Seahorse Valley', genre: 'mathematics', seconds: 6,
    lavfi: `mandelbrot=size=${kWidth}x${kHeight}:rate=${kFrameRate}:start_x=-0.743643887037151:start_y=0.13182590420533:start_scale=0.02:end_scale=0.002:end_pts=100:maxiter=260,hue=s=0,colorbalance=rs=-0.35:bs=0.3:rh=0.35:gh=0.15:bh=-0.25` },
  { file: 'small-lives.webm', title: 'A Garden of Small Lives', genre: 'mathematics', seconds: 6,
    lavfi: `life=size=${kWidth / 4}x${kHeight / 4}:rate=${kFrameRate}:ratio=0.28:seed=5:mold=14:mold_color=#2f5d50:life_color=#f2e3b3:death_color=#16302c,scale=${kWidth}:${kHeight}:flags=neighbor` },
];

export const kFilms = [
  ['The Cartographer of Clouds', 1994, ['adventure', 'mountains']], ['Seven Strings', 1988, ['music', 'drama']],
  ['山中一夜', 1991, ['drama', 'mountains']], ['The Last Ferry', 1979, ['drama', 'sea']],
  ['A Lighthouse for Two', 2003, ['romance', 'sea']], ['Salt and Cedar', 1996, ['adventure', 'sea']],
  ['Midnight Tram', 1962, ['crime', 'city']], ['The Glass Arcade', 1958, ['crime', 'city']],
  ['雨巷', 1984, ['romance', 'city']], ['Nobody Rings Twice', 1971, ['crime', 'city']],
  ['The Fox Who Kept Time', 2009, ['animation', 'family']], ['Paper Moon Garden', 2012, ['animation', 'family']],
  ['小船与大海', 2015, ['animation', 'sea']], ['The Snow Orchestra', 2001, ['music', 'family']],
  ['Echo Valley', 1999, ['music', 'mountains']], ['The Tea Road', 1987, ['adventure', 'mountains']],
  ['Harbour Lights', 1966, ['romance', 'sea']], ['The Ninth Key', 1974, ['crime', 'music']],
  ['Where the River Bends', 1993, ['drama', 'music']], ['Thirteen Bridges', 2006, ['romance', 'city']],
  ['The Kite Observatory', 2018, ['animation', 'adventure']], ['Winter Apples', 1981, ['drama', 'family']],
].map(([title, year, tags], i) => ({ id: `film-${String(i + 1).padStart(2, '0')}`, title, year, tags }));

// Each listener likes two kinds of film; the rest of their taste is chance.
export const kListeners = { heron: ['music', 'mountains'], willow: ['music', 'drama'], lantern: ['crime', 'city'], comet: ['crime', 'romance'],
  otter: ['sea', 'adventure'], pebble: ['animation', 'family'], '小溪': ['mountains', 'drama'], '晚风': ['romance', 'sea'], maple: ['animation', 'music'] };

// Writes media/ and catalogue.jsonl into `folder`. Returns their paths.
export function make_material(folder) {
  const media = join(folder, 'media');
  mkdirSync(media, { recursive: true });
  for (const track of kTracks) make_track(track, media, folder);
  for (const clip of kClips) make_clip(clip, media, folder);
  const catalogue = join(folder, 'catalogue.jsonl');
  writeFileSync(catalogue, [...film_lines(), ...event_lines()].map((line) => JSON.stringify(line) + '\n').join(''));
  return { media, catalogue };
}

function film_lines() {
  return kFilms.map(({ id, title, year, tags }) => ({ id, title, tags, attributes: { year } }));
}

function event_lines() {
  const next = random(2024);
  const lines = [];
  let time = 1_700_000_000;
  for (const [user, taste] of Object.entries(kListeners)) {
    for (const film of kFilms) {
      const fit = film.tags.filter((tag) => taste.includes(tag)).length;
      if (next() > 0.3 + 0.3 * fit) continue;
      const value = Math.min(5, Math.max(1, Math.round(2.2 + 1.3 * fit + 1.2 * (next() - 0.5))));
      lines.push({ type: 'rating', user, item: film.id, value, time: (time += 600) });
    }
  }
  return lines;
}

function make_track(track, media, folder) {
  const wav = join(folder, track.file + '.wav');
  writeFileSync(wav, pluck(track));
  const args = ['-i', wav];
  if (track.cover) {
    const picture = join(folder, track.file + '.png');
    const { width, height, pixels } = still(track.cover, 480, 480);
    ffmpeg(['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`, '-i', '-', picture], pixels);
    args.push('-i', picture, '-map', '0:a', '-map', '1:v', '-c:v', 'copy', '-disposition:v', 'attached_pic');
  }
  for (const key of ['title', 'artist', 'genre']) args.push('-metadata', `${key}=${track[key]}`);
  ffmpeg([...args, join(media, track.file)]);
}

function make_clip(clip, media, folder) {
  const wav = join(folder, clip.file + '.wav');
  writeFileSync(wav, pluck({ seed: clip.title.length, base_hz: 110, scale: kPentatonic, notes_per_s: 2, seconds: clip.seconds }));
  const picture = clip.lavfi
    ? ['-f', 'lavfi', '-t', clip.seconds, '-i', clip.lavfi]
    : ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${kWidth}x${kHeight}`, '-r', kFrameRate, '-i', '-'];
  ffmpeg([...picture, '-i', wav, '-shortest', '-pix_fmt', 'yuv420p', '-c:v', 'libvpx', '-b:v', '900k', '-deadline', 'realtime', '-cpu-used', '6',
    '-c:a', 'libvorbis', '-metadata', `title=${clip.title}`, '-metadata', `genre=${clip.genre}`, join(media, clip.file)],
  clip.paint && frames(clip));
}

function frames({ paint, seconds }) {
  const count = seconds * kFrameRate;
  const all = Buffer.alloc(count * kWidth * kHeight * 3);
  for (let i = 0; i < count; ++i) paint(all.subarray(i * kWidth * kHeight * 3), kWidth, kHeight, i / kFrameRate);
  return all;
}

function ffmpeg(args, input) {
  const run = spawnSync('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-y', ...args.map(String)], { input, maxBuffer: 1 << 24 });
  if (run.error) throw new Error(`ffmpeg does not start: ${run.error.message}`);
  if (run.status !== 0) throw new Error(`ffmpeg ${args.join(' ')}: ${run.stderr}`);
}
