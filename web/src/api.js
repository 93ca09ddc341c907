// Talks to the server. Each function returns the parsed answer or throws a ServerError whose `kind`
// says what a person can do about it. URLs are relative to the page, which may lie below a path of a proxy's.

const kDeadline_ms = 20_000;

export class ServerError extends Error {
  // kind: 'unreachable' (nobody answered), 'missing' (404), 'refused' (other 4xx), 'broken' (5xx or no JSON).
  constructor(kind, message, status = 0) {
    super(message);
    this.kind = kind;
    this.status = status;
  }
}

// listener: {kind: 'user' | 'guest', id}.
export const fetch_slate = (listener, count, lang, signal) =>
  get('v1/recommend', { [listener.kind]: listener.id, n: count, lang }, signal);

export const fetch_users = (words, count, signal) => get('v1/users', { q: words, n: count }, signal);

export const fetch_item = (id, signal) => get(item_url(id), {}, signal);

export const fetch_similar = (id, count, lang, signal) => get(item_url(id) + '/similar', { n: count, lang }, signal);

export const fetch_found = (words, count, lang, signal) => get('v1/search', { q: words, n: count, lang }, signal);

// keepalive: the request outlives the page, for what is sent while leaving.
export const post_events = (events, { keepalive = false } = {}) =>
  ask('v1/events', { method: 'POST', keepalive, headers: { 'content-type': 'application/json' }, body: JSON.stringify(events) });

export const stream_url = (listener) => 'v1/stream?' + new URLSearchParams({ [listener.kind]: listener.id });
export const media_url = (id) => item_url(id) + '/media';
export const cover_url = (id, small = false) => item_url(id) + (small ? '/cover?size=small' : '/cover');
export const preview_url = (id) => item_url(id) + '/preview';

const item_url = (id) => 'v1/items/' + encodeURIComponent(id);

function get(path, query, signal) {
  const words = new URLSearchParams(query).toString();
  return ask(words ? `${path}?${words}` : path, { signal });
}

async function ask(url, options) {
  const deadline = AbortSignal.timeout(kDeadline_ms);
  let response;
  try {
    response = await fetch(url, { ...options, signal: either(options.signal, deadline) });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ServerError('unreachable', error.message);
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer;
  const message = answer?.error?.message ?? `${response.status} ${response.statusText}`;
  const kind = response.status === 404 ? 'missing' : response.status >= 400 && response.status < 500 ? 'refused' : 'broken';
  throw new ServerError(kind, message, response.status);
}

function either(signal, deadline) {
  if (!signal) return deadline;
  const both = new AbortController();
  for (const one of [signal, deadline]) one.addEventListener('abort', () => both.abort(one.reason), { once: true });
  return both.signal;
}
