// The page in a real browser against the real server: material is made, imported, scanned and trained, then a
// person's walk through the page is taken step by step. It lies below a path, as behind a proxy, and asks for nothing
// outside of it.
//
//   node tests/browser/page.test.mjs
//     ZHIYIN_BINARY      the program (default: build/release/zhiyin)
//     ZHIYIN_WEB         the built page (default: web/dist)
//     ZHIYIN_CHROMIUM    the browser (default: chromium, wherever PATH finds it)
//     ZHIYIN_SCREENSHOT  where to write a picture of the page, .png or .jpg; none by default
//
// Exit status: 0 passed, 1 failed, 77 skipped because something outside is missing.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kFilms, kTracks, make_material } from './material.mjs';
import { Server, run_verb } from './server.mjs';

const kRoot = fileURLToPath(new URL('../..', import.meta.url));
const kBinary = resolve(process.env.ZHIYIN_BINARY ?? join(kRoot, 'build/release/zhiyin'));
const kWeb = resolve(process.env.ZHIYIN_WEB ?? join(kRoot, 'web/dist'));
const kListener = 'heron';
const kPatience_ms = 20_000;
const kWindow = { width: 1440, height: 900 };

const steps = [];
const step = (name, walk) => steps.push({ name, walk });

step('the first page lists the listeners, the most active first', async ({ page, server }) => {
  await page.goto(server.address);
  await page.getByRole('heading', { name: 'Who is listening?' }).waitFor();
  const counts = (await page.locator('.chooser .count').allInnerTexts()).map((text) => parseInt(text, 10));
  assert.ok(counts.length >= 5, `only ${counts.length} listeners are listed`);
  assert.deepEqual(counts, [...counts].sort((a, b) => b - a));
});

step('a listener is found by typing and chosen', async ({ page }) => {
  await page.getByLabel('Find a listener').fill(kListener);
  await page.locator('.chooser li button', { hasText: kListener }).click();
  await page.getByRole('heading', { name: `Next for ${kListener}` }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get('user'), kListener);
});

step('cards come with a title, a source and a reason', async ({ page }) => {
  await page.locator('article').first().waitFor();
  const cards = await read_cards(page);
  assert.ok(cards.length >= 8, `only ${cards.length} cards`);
  for (const { title, source, reason } of cards) {
    assert.ok(title, 'a card has no title');
    assert.ok(source, `${title} names no source`);
    assert.ok(reason, `${title} gives no reason`);
  }
  assert.ok(cards.some(({ kind }) => /Video|Audio/.test(kind)), 'no playable item has found its way into the feed');
});

step('what was in view is told once, with the recommendation it came from', async ({ page, sent }) => {
  await until(page, () => sent.some(({ type }) => type === 'impression'), 'an impression');
  const shown = sent.filter(({ type }) => type === 'impression');
  assert.ok(shown.every(({ recommendation }) => recommendation), 'an impression names no recommendation');
  const keys = shown.map(({ recommendation, item }) => recommendation + ' ' + item);
  assert.equal(new Set(keys).size, keys.length, 'an impression was sent twice');
});

step('a like changes the feed, and a line says how', async ({ page, sent }) => {
  const before = await read_cards(page);
  const liked = before[1].title;
  await card(page, liked).getByRole('button', { name: 'Like', exact: true }).click();
  await page.getByRole('status').filter({ hasText: `You liked “${liked}”` }).waitFor();
  await page.waitForTimeout(900);  // the cards that leave are gone
  const after = await read_cards(page);
  assert.notDeepEqual(after.map(({ title }) => title), before.map(({ title }) => title));
  const event = sent.find(({ type }) => type === 'like');
  assert.equal(event.user, kListener);
  assert.ok(event.id && event.item && event.recommendation);
});

step('by keyboard too: D on a card says that it is not for me', async ({ page, sent }) => {
  const [{ title }] = await read_cards(page);
  await card(page, title).getByRole('button', { name: 'Not for me' }).focus();
  await page.keyboard.press('d');
  await page.getByRole('status').filter({ hasText: `“${title}” is not for you` }).waitFor();
  assert.ok(sent.some(({ type }) => type === 'dislike'));
});

step('a track is found, plays, and tells how much of it was heard', async ({ page, sent }) => {
  const { title } = kTracks[0];
  await page.getByLabel('Search', { exact: true }).fill(title);
  await page.getByRole('heading', { name: `Found for “${title}”` }).waitFor();
  await card(page, title).getByRole('button', { name: `Play ${title}` }).click();
  await plays(page, 'audio');
  await page.waitForTimeout(1200);
  await page.getByRole('region', { name: 'Player' }).getByRole('button', { name: 'Close' }).click();
  await until(page, () => sent.some(({ type }) => type === 'view'), 'a view');
  const { value } = sent.find(({ type }) => type === 'view');
  assert.ok(value > 0.02 && value < 0.9, `watched portion ${value}`);
  await page.getByRole('button', { name: 'Back to the feed' }).click();
});

step('a video plays over the page', async ({ page, sent }) => {
  await page.getByLabel('Search', { exact: true }).fill('Nine Ridges');
  await page.getByRole('button', { name: /^Play .*Nine Ridges/ }).click();
  await plays(page, 'video');
  await page.keyboard.press('Escape');
  await page.locator('video').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Back to the feed' }).click();
  assert.ok(sent.some(({ type }) => type === 'click'));
});

step('what is similar opens beside the feed', async ({ page }) => {
  const title = (await read_cards(page))[0].title;
  await card(page, title).getByRole('button', { name: 'Similar', exact: false }).last().click();
  const panel = page.getByRole('dialog', { name: `Similar to ${title}` });
  await panel.locator('.near').first().waitFor();
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
});

step('a changed feed is offered while somebody is at the shown one, and comes by itself when nobody is', async ({ page, server }) => {
  await page.mouse.move(5, 5);
  await page.evaluate(() => (document.activeElement?.blur(), scrollTo(0, 0)));
  const titles = async () => (await read_cards(page)).map(({ title }) => title);
  const places = () => page.locator('#feed > ol > li:not([inert])').evaluateAll((all) => all.map((card) => card.getBoundingClientRect().top));
  const offer = page.getByRole('button', { name: 'The feed has changed: show it' });
  await page.locator('article h2').first().hover();
  const before = { titles: await titles(), places: await places() };
  await like_elsewhere(page, server, before.titles[1]);
  await offer.waitFor();
  await page.waitForTimeout(1500);  // time enough to take it by itself
  assert.deepEqual({ titles: await titles(), places: await places() }, before);
  await offer.click();
  await offer.waitFor({ state: 'detached' });
  await page.getByRole('status').filter({ hasText: 'You were elsewhere too' }).waitFor();
  assert.ok(!(await titles()).includes(before.titles[1]), 'what was liked elsewhere is still there');

  await page.evaluate(() => document.activeElement?.blur());
  await page.mouse.move(5, 5);
  const liked = (await titles())[0];
  await like_elsewhere(page, server, liked);
  await page.waitForFunction((title) => ![...document.querySelectorAll('#feed > ol > li:not([inert]) h2')].some((head) => head.innerText === title), liked);
});

step('a training tells how it goes on, and that it has ended', async ({ page, home }) => {
  const run = join(home, 'runs', 'test-sasrec');
  mkdirSync(run, { recursive: true });
  writeFileSync(join(run, 'log.jsonl'), '{"epoch":3,"epochs":8,"loss":0.5,"seconds":1}\n');
  await page.getByRole('status', { name: 'Training' }).filter({ hasText: 'Training sasrec: 3 of 8' }).waitFor();
  writeFileSync(join(run, 'run.json'), '{"model":"sasrec","seconds":2,"error":""}');
  await page.getByRole('status', { name: 'Training' }).filter({ hasText: 'sasrec is trained' }).waitFor();
  await page.getByRole('status', { name: 'Training' }).waitFor({ state: 'detached' });
  rmSync(run, { recursive: true });
});

step('a picture of the page', async ({ page }) => {
  const path = process.env.ZHIYIN_SCREENSHOT;
  if (!path) return;
  await page.setViewportSize({ width: 1440, height: 980 });
  for (const title of ['Evening at the Pass', 'Lantern Walk', 'High Mountains']) {  // a taste for what can be played
    await page.getByLabel('Search', { exact: true }).fill(title);
    await page.getByRole('heading', { name: `Found for “${title}”` }).waitFor();
    await card(page, title).getByRole('button', { name: 'Like', exact: true }).click();
    await page.getByRole('button', { name: 'Back to the feed' }).click();
    await page.getByRole('status').filter({ hasText: `You liked “${title}”` }).waitFor();
  }
  const track = page.locator('article', { hasText: 'Audio' }).first();
  if (await track.count()) {
    await track.locator('.face').click();
    await plays(page, 'audio');
  }
  await page.evaluate(() => (scrollTo(0, 0), Promise.all([...document.images].map((image) => image.decode().catch(() => {})))));
  await page.mouse.move(0, 0);
  await page.waitForTimeout(1500);  // cards come to rest
  await page.screenshot({ path, ...(path.endsWith('.png') ? {} : { type: 'jpeg', quality: 88 }) });
  await page.setViewportSize(kWindow);
  if (await track.count()) await page.getByRole('region', { name: 'Player' }).getByRole('button', { name: 'Close' }).click();
});

step('a search that finds nothing says so', async ({ page }) => {
  await page.getByLabel('Search', { exact: true }).fill('qqxzv wvvkj');
  await page.getByText(/^Nothing found for/).or(page.locator('article').first()).first().waitFor();
  await page.getByRole('button', { name: 'Back to the feed' }).click();
});

step('in Chinese the page and the reasons are Chinese, and it is remembered', async ({ page }) => {
  await page.getByRole('button', { name: '中文' }).click();
  await page.getByRole('heading', { name: `为 ${kListener} 而选` }).waitFor();
  await page.waitForFunction(() => /[\u4e00-\u9fff]/.test(document.querySelector('.reason')?.innerText.replace(/《.*?》/g, '') ?? ''));
  await page.reload();
  await page.getByRole('heading', { name: `为 ${kListener} 而选` }).waitFor();
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('heading', { name: `Next for ${kListener}` }).waitFor();
});

step('a guest starts with an empty page that learns from the first like', async ({ page, sent }) => {
  await page.getByRole('link', { name: /zhiyin/ }).click();
  await page.getByRole('button', { name: /^Listen as a guest/ }).click();
  await page.getByRole('heading', { name: 'Next for you' }).waitFor();
  await page.locator('article').first().waitFor();
  const guest = new URL(page.url()).searchParams.get('guest');
  const before = await read_cards(page);
  await card(page, before[0].title).getByRole('button', { name: 'Like', exact: true }).click();
  await page.getByRole('status').filter({ hasText: 'You liked' }).waitFor();
  assert.equal(sent.filter(({ type }) => type === 'like').at(-1).user, `guest:${guest}`);
  await page.waitForTimeout(900);
  assert.notDeepEqual((await read_cards(page)).map(({ title }) => title), before.map(({ title }) => title));
});

step('a listener nobody knows is told so, and can choose another', async ({ page, server, forgive }) => {
  forgive(/404/);
  await page.goto(server.address + '?user=nobody-of-this-name');
  await page.getByRole('heading', { name: 'Nobody called “nobody-of-this-name” is known here' }).waitFor();
  await page.locator('.chooser li button').first().waitFor();
});

step('a server that stops is named, and the page comes back with it', async ({ page, server, forgive }) => {
  await page.goto(server.address + `?user=${kListener}`);
  await page.locator('article').first().waitFor();
  forgive(/ERR_CONNECTION|Failed to load resource/);
  await server.stop();
  await page.getByRole('button', { name: 'Skip' }).first().click();
  await page.getByRole('alert').filter({ hasText: 'Your answer did not arrive' }).waitFor();
  await server.start({ port: server.port });
  await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('alert').waitFor({ state: 'detached' });
});

// ---- reading the page

async function read_cards(page) {
  return page.locator('#feed > ol > li:not([inert]) article').evaluateAll((articles) => articles.map((article) => ({
    title: article.querySelector('h2').innerText,
    source: article.querySelector('.source')?.innerText,
    kind: article.querySelector('.top').innerText,
    reason: article.querySelector('.reason')?.innerText,
  })));
}

// As another device of the same listener would say it.
async function like_elsewhere(page, server, title) {
  const item = await page.locator('#feed > ol > li:not([inert])', { has: page.getByRole('heading', { name: title, exact: true }) }).getAttribute('data-item');
  const answer = await fetch(server.address + 'v1/events', { method: 'POST', body: JSON.stringify([{ type: 'like', user: kListener, item }]) });
  assert.equal((await answer.json()).accepted, 1);
}

const card = (page, title) => page.getByRole('article', { name: title, exact: true }).first();

// The element's clock moves: the file is really decoded.
async function plays(page, tag) {
  await page.waitForFunction((name) => document.querySelector(name)?.currentTime > 0.2, tag);
  const at = await page.locator(tag).evaluate((media) => media.currentTime);
  // On a busy machine a short clip may be over before anybody looks again.
  await page.waitForFunction(([name, then]) => {
    const media = document.querySelector(name);
    return media && (media.ended || media.currentTime > then + 0.2);
  }, [tag, at]);
}

async function until(page, holds, what) {
  const end = Date.now() + kPatience_ms;
  while (!holds()) {
    if (Date.now() > end) assert.fail(`${what} did not come within ${kPatience_ms} ms`);
    await page.waitForTimeout(50);
  }
}

// ---- what the test stands on

function find_chromium() {
  const named = process.env.ZHIYIN_CHROMIUM;
  if (named) return existsSync(named) ? named : null;
  return (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'chromium')).find(existsSync) ?? null;
}

function skip(missing, remedy) {
  console.error(`SKIPPED: ${missing}. ${remedy}`);
  process.exit(77);
}

function load_playwright() {
  try {
    return createRequire(join(kRoot, 'web/package.json'))('playwright-core');
  } catch {
    skip('playwright-core is not installed', 'Run: npm --prefix web ci');
  }
}

async function main() {
  const executablePath = find_chromium() ?? skip('there is no chromium', 'Run: apt-get install chromium');
  const { chromium } = load_playwright();
  assert.ok(existsSync(kBinary), `${kBinary} is missing: build it, or set ZHIYIN_BINARY`);
  assert.ok(existsSync(join(kWeb, 'index.html')), `${kWeb} holds no page: run npm --prefix web run build, or set ZHIYIN_WEB`);

  const folder = mkdtempSync(join(tmpdir(), 'zhiyin-page-'));
  const home = join(folder, 'home');
  const server = new Server({ binary: kBinary, home, web: kWeb });
  let browser;
  try {
    const { media, catalogue } = make_material(folder);
    for (const verb of [['import', 'jsonl', catalogue], ['scan', media], ['train']]) run_verb(kBinary, home, verb);
    writeFileSync(join(home, 'zhiyin.toml'), '[serve]\nbase_path = "/apps/zhiyin"\n');
    await server.start();
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required'] });
    await walk(browser, server, home);
  } catch (error) {
    console.error(server.log());
    throw error;
  } finally {
    await browser?.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function walk(browser, server, home) {
  const context = await browser.newContext({ locale: 'en-GB', colorScheme: 'light', viewport: kWindow });
  const page = await context.newPage();
  page.setDefaultTimeout(kPatience_ms);
  const sent = [];
  const complaints = [];
  let forgiven = null;
  page.on('request', (request) => request.url().endsWith('/v1/events') && sent.push(...JSON.parse(request.postData() ?? '[]')));
  const origin = new URL(server.address).origin;
  page.on('request', (request) => request.url().startsWith(origin) && !request.url().startsWith(server.address) && complaints.push(`outside of the base path: ${request.url()}`));
  page.on('console', (message) => message.type() === 'error' && !forgiven?.test(message.text()) && complaints.push(`${message.text()} ${message.location().url}`));
  page.on('pageerror', (error) => complaints.push(error.stack));
  try {
    for (const { name, walk } of steps) {
      forgiven = null;
      await walk({ page, server, home, sent, forgive: (pattern) => (forgiven = pattern) });
      assert.deepEqual(complaints, [], `the browser complained during: ${name}`);
      console.log(`ok  ${name}`);
    }
  } catch (error) {
    console.error(`not ok after ${page.url()}\n${complaints.join('\n')}\n${await page.locator('body').innerText({ timeout: 1000 }).catch(() => '')}`);
    throw error;
  }
}

main().then(
  () => console.log(`${steps.length} steps passed with ${kFilms.length} films and ${kTracks.length} tracks`),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
