// gorsejs, Gorse's own client for JavaScript, against the real server: every call it has.
//
//   node tests/gorse/client.test.mjs
//     ZHIYIN_BINARY  the program (default: build/release/zhiyin)
//
// Exit status: 0 passed, 1 failed, 77 skipped because the client is not there (./run test fetches it).

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Server, run_verb } from '../browser/server.mjs';

const kRoot = fileURLToPath(new URL('../..', import.meta.url));
const kHere = fileURLToPath(new URL('.', import.meta.url));
const kBinary = resolve(process.env.ZHIYIN_BINARY ?? join(kRoot, 'build/release/zhiyin'));
const kKey = 'the-key-of-this-test';
const kTime = '2022-08-07T00:26:46Z';

const steps = [];
const step = (name, walk) => steps.push({ name, walk });

step('a user is put, read, changed, listed and removed', async ({ client, refused }) => {
  const user = { UserId: '100', Labels: ['a', 'b', 'c'], Comment: 'comment' };
  assert.equal(await client.insertUser(user), 1);
  assert.deepEqual(await client.getUser('100'), user);
  assert.equal(await client.updateUser('100', { Comment: 'new' }), 1);
  assert.equal((await client.getUser('100')).Comment, 'new');
  assert.equal(await client.insertUsers([{ UserId: '101' }, { UserId: '102' }]), 2);
  const first = await client.getUsers({ n: 2 });
  const second = await client.getUsers({ n: 2, Cursor: first.Cursor });
  assert.deepEqual([...first.Users, ...second.Users].map(({ UserId }) => UserId), ['100', '101', '102']);
  assert.equal(await client.deleteUser('100'), 1);
  await refused(client.getUser('100'), 404);
});

step('an item is put, read, changed, listed and removed', async ({ client, refused }) => {
  const item = { ItemId: '100', IsHidden: true, Labels: ['a', 'b', 'c'], Categories: ['d', 'e'], Timestamp: kTime, Comment: 'comment' };
  assert.equal(await client.upsertItem(item), 1);
  assert.deepEqual(await client.getItem('100'), item);
  assert.equal(await client.updateItem('100', { IsHidden: false }), 1);
  assert.equal(await client.insertItemCategory('100', 'f'), 1);
  assert.equal(await client.deleteItemCategory('100', 'd'), 1);
  assert.deepEqual(await client.getItem('100'), { ...item, IsHidden: false, Categories: ['e', 'f'] });
  assert.equal(await client.upsertItems([1, 2, 3, 4].map((i) => song(i))), 4);
  const first = await client.getItems({ n: 3 });
  const second = await client.getItems({ n: 3, Cursor: first.Cursor });
  assert.equal(new Set([...first.Items, ...second.Items].map(({ ItemId }) => ItemId)).size, 5);
  assert.equal(await client.deleteItem('100'), 1);
  await refused(client.getItem('100'), 404);
});

step('feedback is put, added to, listed and taken back', async ({ client, refused }) => {
  assert.equal(await client.insertFeedbacks([star('ann', 1), star('ann', 2), star('bob', 1), star('bob', 2), star('bob', 3)]), 5);
  assert.equal(await client.upsertFeedbacks([{ FeedbackType: 'read', UserId: 'ann', ItemId: 'song-4', Timestamp: kTime }]), 1);
  const one = await client.getFeedback({ type: 'star', userId: 'ann', itemId: 'song-1' });
  assert.equal(one.FeedbackType, 'star');
  assert.equal(one.Timestamp, kTime);
  assert.equal((await client.getFeedbacks('star', { n: 10 })).Feedback.length, 5);
  assert.equal((await client.getFeedbacks()).Feedback.length, 6);
  assert.equal((await client.getUserFeedback('ann')).length, 3);
  assert.equal((await client.getUserFeedbackByType('ann', 'read')).length, 1);
  assert.equal((await client.getItemFeedback('song-1')).length, 2);
  assert.equal((await client.getItemFeedbackByType('song-1', 'star')).length, 2);
  assert.deepEqual(await client.deleteFeedback({ type: 'read', userId: 'ann', itemId: 'song-4' }), { RowAffected: 1 });
  await refused(client.getFeedback({ type: 'read', userId: 'ann', itemId: 'song-4' }), 404);
});

step('what is next, for a user and for a session', async ({ client }) => {
  const next = await until(() => client.getRecommend({ userId: 'ann', cursorOptions: { n: 5 } }), (ids) => ids.length === 2);
  assert.deepEqual([...next].sort(), ['song-3', 'song-4']);
  assert.deepEqual(await client.getRecommend({ userId: 'ann', category: 'live' }), ['song-4']);
  const session = await client.getSessionRecommend([star('nobody', 1)], { cursorOptions: { n: 9 } });
  assert.ok(session.length === 3 && session.every(({ Id, Score }) => Id !== 'song-1' && Score > 0));
  assert.deepEqual(await client.getRecommend({ userId: 'ann', writeBackType: 'read', writeBackDelay: '0s', cursorOptions: { n: 1 } }), [next[0]]);
  assert.ok(!(await client.getRecommend({ userId: 'ann' })).includes(next[0]));
});

step('lists and neighbours', async ({ client }) => {
  assert.deepEqual((await client.getLatest({ cursorOptions: { n: 2 } })).map(({ Id }) => Id), ['song-4', 'song-3']);
  assert.deepEqual((await client.getLatest({ category: 'live' })).map(({ Id }) => Id), ['song-4']);
  assert.equal((await client.getPopular({}))[0].Score, 2);
  assert.deepEqual((await client.getUserNeighbors({ userId: 'ann' })).map(({ Id }) => Id), ['bob']);
  assert.ok(Array.isArray(await client.getItemNeighbors({ itemId: 'song-1' })));
});

step('a wrong key is refused', async ({ client_with, refused }) => {
  await refused(client_with('another key').getUsers(), 401);
  await refused(client_with('').getUsers(), 401);
});

function song(i) {
  return { ItemId: `song-${i}`, IsHidden: false, Categories: i === 4 ? ['music', 'live'] : ['music'], Timestamp: `2022-08-0${i}T00:00:00Z`, Comment: `A song of rain ${i}` };
}

function star(user, i) {
  return { FeedbackType: 'star', UserId: user, ItemId: `song-${i}`, Timestamp: kTime };
}

// Items join the answers a moment after they were written.
async function until(ask, is_there) {
  for (const end = Date.now() + 10_000; ; ) {
    const answer = await ask();
    if (is_there(answer) || Date.now() > end) return answer;
    await new Promise((resume) => setTimeout(resume, 20));
  }
}

async function main() {
  if (!existsSync(join(kHere, 'node_modules/gorsejs'))) {
    console.log('SKIPPED: gorsejs is not in tests/gorse/node_modules. Fetch it: cd tests/gorse && npm ci --ignore-scripts');
    return 77;
  }
  const { Gorse } = createRequire(join(kHere, 'client.test.mjs'))('gorsejs');
  const folder = mkdtempSync(join(tmpdir(), 'zhiyin-gorse-'));
  const home = join(folder, 'home');
  writeFileSync(join(folder, 'none.jsonl'), '');
  run_verb(kBinary, home, ['import', 'jsonl', join(folder, 'none.jsonl')]);
  writeFileSync(join(home, 'zhiyin.toml'), `[[access.key]]\nname = "gorse"\nkey = "${kKey}"\nscopes = "read, write"\n`);
  const server = new Server({ binary: kBinary, home, web: folder });
  let failed = 0;
  try {
    await server.start();
    const client_with = (secret) => new Gorse({ endpoint: server.address.replace(/\/$/, ''), secret });
    const refused = (call, status) => assert.rejects(call, ({ code }) => code === status);
    for (const { name, walk } of steps) {
      try {
        await walk({ client: client_with(kKey), client_with, refused });
        console.log(`ok      ${name}`);
      } catch (error) {
        ++failed;
        console.log(`FAILED  ${name}\n${error.stack}`);
      }
    }
    for (const key of [kKey, 'another key']) {
      if (server.log().includes(key)) console.log(`FAILED  the log holds "${key}"`), ++failed;
    }
  } finally {
    await server.stop();
    if (failed) console.log(server.log());
    rmSync(folder, { recursive: true, force: true });
  }
  return failed ? 1 : 0;
}

process.exitCode = await main();
