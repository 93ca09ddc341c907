// The same text always gives the same numbers: pictures drawn from an id never change.

// FNV-1a over UTF-16 units, then mulberry32. Returns a function that gives numbers in [0, 1).
export function chance(text) {
  let state = 2166136261;
  for (let i = 0; i < text.length; ++i) state = Math.imul(state ^ text.charCodeAt(i), 16777619);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
