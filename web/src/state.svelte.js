// What the page knows, and everything that can happen to it. Components read `page` and call the
// functions below; nothing else keeps state that outlives a component.

import * as api from './api.js';
import { compare } from './changes.js';
import { listen } from './news.js';
import { languages } from './words.js';

const kSlate = 21;  // fills whole rows beside the large first card
const kSimilar = 12;
const kFound = 24;
const kRetry_ms = 4000;
const kCalm_ms = 5000;  // between two feeds that come by themselves
const kTrained_ms = 6000;  // the end of a training is shown
const kSilent_ms = 600_000;  // after which a training that says nothing is taken to be over
const kOwn = 100;  // appends from here that are remembered

export const page = $state({
  lang: 'en',
  listener: null,  // {kind: 'user' | 'guest', id}; null: nobody chosen yet
  feed: { status: 'idle', items: [], error: null, degraded: [] },  // status: idle, loading, ready, failed
  change: null,  // {cause: {type, title} | null, arrived, left, risen}: the last time the feed was made anew
  news: null,  // why a newer feed is to be had: event, items, snapshot or missed; null: what is shown is the newest known
  training: null,  // {model, epoch, epochs, ended, error}: what a training of this home said last
  found: null,  // {words, status, items, error} while searching
  similar: null,  // {item, about, status, items, error} while its panel is open
  playing: null,  // the item in the player
  opinions: {},  // item id → like, dislike or skip, as said on this page
  trouble: null,  // {error, again} when an event could not be delivered
});

export function start() {
  page.lang = languages.find((lang) => lang === remembered('lang')) ?? (navigator.language.startsWith('zh') ? 'zh' : 'en');
  document.documentElement.lang = page.lang;
  addEventListener('popstate', follow_address);
  follow_address();
}

// ---- who is listening

export function choose(listener) {
  const query = listener ? '?' + new URLSearchParams({ [listener.kind]: listener.id }) : location.pathname;
  history.pushState(null, '', query);
  follow_address();
}

export const choose_new_guest = () => choose({ kind: 'guest', id: fresh_id().slice(0, 8) });

function follow_address() {
  const query = new URLSearchParams(location.search);
  const kind = ['user', 'guest'].find((name) => query.get(name));
  page.playing = page.similar = page.found = page.change = page.trouble = null;
  page.news = page.training = null;
  page.opinions = {};
  page.listener = kind ? { kind, id: query.get(kind) } : null;
  page.feed = { status: 'idle', items: [], error: null, degraded: [] };
  end_of_news();
  end_of_news = page.listener ? listen($state.snapshot(page.listener), { feed: hear_of_feed, training: hear_of_training }) : () => {};
  if (page.listener) load_feed();
}

export function speak(lang) {
  page.lang = lang;
  document.documentElement.lang = lang;
  remember('lang', lang);
  if (page.listener) load_feed();
  if (page.found) search(page.found.words);
  if (page.similar) show_similar(page.similar.item);
}

// ---- the feed

// cause: {type, title} of the event that made it change; null where nothing was done. quiet: nobody asked for it, so
// nothing is said where it fails or is the same.
export async function load_feed(cause = null, { quiet = false } = {}) {
  const signal = latest('feed');
  page.news = null;
  loaded_at = Date.now();
  if (!quiet) page.feed.status = 'loading';
  try {
    const answer = await api.fetch_slate(page.listener, kSlate, page.lang, signal);
    const items = answer.items.map((item) => ({ ...item, recommendation: answer.recommendation }));
    const change = cause && { cause, ...compare(ids(page.feed.items), ids(items)) };
    if (!quiet || change.arrived.length + change.risen.size > 0) page.change = change;
    page.feed = { status: 'ready', items, error: null, degraded: answer.degraded ?? [] };
  } catch (error) {
    if (signal.aborted || quiet) return;
    page.feed = { ...page.feed, status: 'failed', error };
    if (error.kind === 'unreachable') setTimeout(() => signal.aborted || load_feed(cause), kRetry_ms);
  }
}

// ---- what the server says by itself

let end_of_news = () => {};
let own = [];  // the places in the log of the last events from here, each {first, last}
let delivered = Promise.resolve();  // when what is on its way has arrived
let loaded_at = 0;
let training_timer = 0;

// After an event from here the page asks again by itself.
async function hear_of_feed(why, offset) {
  const { listener } = page;
  await delivered;  // it may be what this speaks of
  if (page.listener === listener && !own.some(({ first, last }) => first <= offset && offset <= last)) page.news = why;
}

// pressed: by a person, else by itself, which is not done too often.
export function take_news({ pressed }) {
  if (!pressed && Date.now() < loaded_at + kCalm_ms) return;
  load_feed({ type: page.news, title: '' }, { quiet: !pressed && page.feed.status === 'ready' });
}

function hear_of_training({ model, epoch, epochs, error }) {
  const ended = epoch === undefined;
  page.training = { model, epoch, epochs, ended, error };
  clearTimeout(training_timer);
  training_timer = setTimeout(() => (page.training = null), ended ? kTrained_ms : kSilent_ms);
}

// ---- what the listener says and does

// type: like, dislike or skip.
export async function say(item, type) {
  page.opinions[item.id] = type;
  if (await tell([{ type, item }])) await load_feed({ type, title: title_of(item) });
}

// portion: 0..1, what was played. leaving: the page is going away.
export async function watched(item, portion, leaving = false) {
  const told = await tell([{ type: 'view', item, value: portion }], { keepalive: leaving });
  if (told && !leaving) await load_feed({ type: 'view', title: title_of(item) });
}

// events: [{type, item, value?}]. Returns whether they arrived; a failure is kept in `trouble`, and sending
// again uses the same ids, so that nothing is counted twice.
export async function tell(events, options) {
  if (!page.listener || events.length === 0) return false;
  const user = page.listener.kind === 'guest' ? 'guest:' + page.listener.id : page.listener.id;
  return deliver(events.map(({ type, item, value }) => ({
    id: fresh_id(), type, user, item: item.id, ...(value !== undefined && { value }), ...(item.recommendation && { recommendation: item.recommendation }),
  })), options);
}

async function deliver(events, options) {
  const quiet = events[0].type === 'impression';  // nobody is told that a glance was lost
  try {
    const request = api.post_events(events, options);
    delivered = Promise.allSettled([delivered, request]);
    const { accepted, rejected, offset } = await request;
    own = [...own, { first: offset - accepted + 1, last: offset }].slice(-kOwn);
    if (rejected?.length) throw new api.ServerError('refused', rejected[0].message);
    if (!quiet) page.trouble = null;
    return true;
  } catch (error) {
    if (!quiet) page.trouble = { error, again: async () => (await deliver(events, options)) && load_feed() };
    return false;
  }
}

// ---- playing

// One thing plays at a time; the player reports what was watched when it is taken away.
export function play(item) {
  if (page.playing?.id === item.id) return;
  page.similar = null;
  page.playing = item;
  tell([{ type: 'click', item }]);
}

export function stop() {
  page.playing = null;
}

export const playable = (item) => item.attributes.media && ['audio', 'video'].includes(item.attributes.kind);

// The next thing in the feed of the same kind as what plays now, or null.
export const next_up = () =>
  page.feed.items.find((item) => playable(item) && item.id !== page.playing?.id && item.attributes.kind === page.playing?.attributes.kind) ?? null;

// ---- looking around

export async function show_similar(item) {
  const signal = latest('similar');
  page.similar = { item, about: null, status: 'loading', items: [], error: null };
  api.fetch_item(item.id, signal).then((about) => signal.aborted || (page.similar.about = about), () => {});  // the panel does without
  try {
    const { items } = await api.fetch_similar(item.id, kSimilar, page.lang, signal);
    page.similar = { ...page.similar, status: 'ready', items };
  } catch (error) {
    if (!signal.aborted) page.similar = { ...page.similar, status: 'failed', error };
  }
}

export function close_similar() {
  latest('similar');
  page.similar = null;
}

export async function search(words) {
  const signal = latest('search');
  if (!words.trim()) {
    page.found = null;
    return;
  }
  page.found = { words, status: 'loading', items: page.found?.items ?? [], error: null };
  try {
    const { items } = await api.fetch_found(words.trim(), kFound, page.lang, signal);
    page.found = { words, status: 'ready', items, error: null };
  } catch (error) {
    if (!signal.aborted) page.found = { words, status: 'failed', items: [], error };
  }
}

// ---- small helpers

export const title_of = (item) => item.attributes.title || item.id;

const ids = (items) => items.map((item) => item.id);

// Ends the request before under this name. Only the latest answer counts.
const running = {};
function latest(name) {
  running[name]?.abort();
  running[name] = new AbortController();
  return running[name].signal;
}

// crypto.randomUUID is missing on pages served without TLS from another machine.
function fresh_id() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function remember(key, value) {
  try {
    localStorage.setItem('zhiyin.' + key, value);
  } catch {
    // Storage may be forbidden; then the choice lasts as long as the page.
  }
}

function remembered(key) {
  try {
    return localStorage.getItem('zhiyin.' + key);
  } catch {
    return null;
  }
}
