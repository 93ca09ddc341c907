// Runs zhiyin's verbs and its server, and ends what it started.

import { spawn, spawnSync } from 'node:child_process';

const kReady_ms = 60_000;

// Runs one verb to its end; throws with what it printed where it fails.
export function run_verb(binary, home, verb) {
  const run = spawnSync(binary, ['--home', home, ...verb], { encoding: 'utf8' });
  if (run.error) throw run.error;
  if (run.status !== 0) throw new Error(`zhiyin ${verb.join(' ')} ended with ${run.status ?? run.signal}\n${run.stdout}${run.stderr}`);
}

export class Server {
  #options;
  #process = null;
  #log = '';

  constructor(options) {
    this.#options = options;
  }

  // Returns once the server says that it listens. port: 0 takes a free one.
  async start({ port = 0 } = {}) {
    const { binary, home, web } = this.#options;
    const child = spawn(binary, ['--home', home, 'serve', '--port', String(port), '--web', web], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = child;
    child.stderr.on('data', (text) => (this.#log += text));
    this.address = await new Promise((ready, failed) => {
      const timer = setTimeout(() => failed(new Error(`zhiyin serve was not ready within ${kReady_ms} ms`)), kReady_ms);
      let said = '';
      child.stdout.on('data', (text) => {
        said += text;
        const found = /zhiyin is listening on (http:\S+)/.exec(said);
        if (!found) return;
        clearTimeout(timer);
        ready(found[1].replace(/\/?$/, '/'));
      });
      child.once('error', failed);
      child.once('exit', (status, signal) => failed(new Error(`zhiyin serve ended early with ${status ?? signal}`)));
    });
    this.port = Number(new URL(this.address).port);
  }

  async stop() {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(timer);
  }

  log = () => this.#log;
}
