// Tells the server what was really in view: each item once per recommendation, sent together shortly after
// it came into view, so that a page scrolled past in one go costs one request.

import { tell } from './state.svelte.js';

const kGather_ms = 600;
const kVisible = 0.5;  // the part of a card that must be in view

const told = new Set();  // recommendation and item
const items = new WeakMap();  // element → item
let waiting = [];
let timer = 0;
let observer = null;

// An attachment for the element that shows `item`.
export const seen = (item) => (element) => {
  if (!item.recommendation) return;
  observer ??= new IntersectionObserver(notice, { threshold: kVisible });
  items.set(element, item);
  observer.observe(element);
  return () => observer.unobserve(element);
};

function notice(entries) {
  for (const { isIntersecting, target } of entries) {
    const item = items.get(target);
    const key = item.recommendation + ' ' + item.id;
    if (!isIntersecting || told.has(key)) continue;
    told.add(key);
    waiting.push(item);
    timer ||= setTimeout(send, kGather_ms);
  }
}

function send() {
  timer = 0;
  const batch = waiting;
  waiting = [];
  tell(batch.map((item) => ({ type: 'impression', item })));
}
