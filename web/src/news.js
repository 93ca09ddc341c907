// What the server says by itself (GET /v1/stream): that the listener's feed is worth asking for again, and how
// trainings go on. A browser connects again by itself after a break, but not after a refusal: that is done here.

import { stream_url } from './api.js';

const kRefused_ms = 15_000;

// hear: {feed(why, offset), training(news)}; why: event (offset: its place in the log), items, snapshot, or missed after
// a break. Returns what ends it.
export function listen(listener, hear) {
  let source = null;
  let timer = 0;
  let is_known = false;

  const open = () => {
    source = new EventSource(stream_url(listener));
    source.addEventListener('feed', ({ data }) => {
      const { why, offset } = JSON.parse(data);
      const is_first = why === 'hello' && !is_known;
      is_known = true;
      if (!is_first) hear.feed(why === 'hello' ? 'missed' : why, offset);
    });
    source.addEventListener('training', ({ data }) => hear.training(JSON.parse(data)));
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, kRefused_ms);
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
