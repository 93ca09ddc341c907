// Plucked strings after Karplus and Strong (1983): a burst of noise runs round a delay line as long as
// one period, and each round is smoothed a little, as a string loses its overtones first.

import { random } from './random.mjs';

const kRate_hz = 22050;

// A tune that wanders over `scale` (semitones above base_hz). Returns the bytes of a mono 16-bit WAV.
export function pluck({ seed, base_hz, scale, notes_per_s, seconds }) {
  const next = random(seed);
  const sound = new Float32Array(kRate_hz * seconds);
  let degree = Math.floor(scale.length / 2);
  for (let at = 0.05; at < seconds - 0.3; at += (next() < 0.25 ? 2 : 1) / notes_per_s) {
    degree = Math.min(scale.length - 1, Math.max(0, degree + Math.round(4 * (next() - 0.5))));
    add_note(sound, Math.floor(at * kRate_hz), base_hz * 2 ** (scale[degree] / 12), 0.3 + 0.3 * next(), next);
    if (next() < 0.2) add_note(sound, Math.floor(at * kRate_hz), base_hz / 2, 0.35, next);
  }
  return wav(sound);
}

function add_note(sound, start, pitch_hz, loudness, next) {
  const period = Math.round(kRate_hz / pitch_hz);
  const line = Float32Array.from({ length: period }, () => loudness * (2 * next() - 1));
  const end = Math.min(sound.length, start + 3 * kRate_hz);
  for (let i = start, at = 0; i < end; ++i, at = (at + 1) % period) {
    sound[i] += line[at];
    line[at] = 0.4985 * (line[at] + line[(at + 1) % period]);
  }
}

function wav(sound) {
  const bytes = Buffer.alloc(44 + 2 * sound.length);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + 2 * sound.length, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(kRate_hz, 24);
  bytes.writeUInt32LE(2 * kRate_hz, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(2 * sound.length, 40);
  sound.forEach((value, i) => bytes.writeInt16LE(Math.round(28000 * Math.tanh(value)), 44 + 2 * i));
  return bytes;
}
