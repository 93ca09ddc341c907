// How much of a media element was really played: skipping ahead does not count, playing twice counts once.

export function watched_seconds(element) {
  let sum = 0;
  for (let i = 0; i < element.played.length; ++i) sum += element.played.end(i) - element.played.start(i);
  return sum;
}

// 0..1; `duration_s` stands in where the file does not tell its length.
export function watched_portion(element, duration_s) {
  const length = Number.isFinite(element.duration) && element.duration > 0 ? element.duration : duration_s;
  if (!length) return 0;
  return Math.min(1, Math.round(1000 * watched_seconds(element) / length) / 1000);
}
