// The two servers, as processes that are stopped by their ids.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { Client } from './client.js';

export async function startServer(name, [program, ...options], { ignoresSessions }) {
  const child = spawn(program, options, { stdio: ['ignore', 'pipe', process.env.PARITY_LOG ? 'inherit' : 'ignore'] });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const exited = once(child, 'exit').finally(() => process.off('exit', kill));
  const url = `ws://127.0.0.1:${await port(name, child)}/ws`;
  const probe = await Client.open('probe', url);
  await probe.connect([]);
  return {
    name,
    url,
    probe,
    ignoresSessions,
    async stop() {
      probe.socket.terminate();
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function port(name, child) {
  const lines = createInterface(child.stdout);
  for await (const line of lines) {
    const number = /^listening on 127\.0\.0\.1:(\d+)$/.exec(line)?.[1];
    if (!number) continue;
    // What it prints later must not fill the pipe.
    child.stdout.resume();
    return Number(number);
  }
  throw new Error(`${name} ended before it listened; PARITY_LOG=1 shows why`);
}
