// The server under test: the binary `stomp-testbed`.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const WORKSPACE = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * Starts a testbed on a free port, with these options of the command line, and waits until it listens; with
 * `--tcp-port=0` also for STOMP over TCP.
 */
export async function startTestbed(...options) {
  const binary = process.env.STOMP_TESTBED ?? (await buildTestbed());
  const server = spawn(binary, options, { stdio: ['ignore', 'pipe', 'inherit'] });
  // A suite that dies leaves no server behind.
  const kill = () => server.kill('SIGKILL');
  process.once('exit', kill);
  const exited = once(server, 'exit').finally(() => process.off('exit', kill));
  const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
  const port = await listeningPort(lines, '');
  const tcpPort = options.some((option) => option.startsWith('--tcp-port')) && (await listeningPort(lines, 'tcp '));
  return new Testbed(server, exited, port, tcpPort);
}

class Testbed {
  #server;
  #exited;

  constructor(server, exited, port, tcpPort) {
    this.#server = server;
    this.#exited = exited;
    this.port = port;
    this.tcpPort = tcpPort;
  }

  url(path = '/ws') {
    return `ws://127.0.0.1:${this.port}${path}`;
  }

  /** Asks the server to end; the result is its exit code. */
  async stop() {
    this.#server.kill('SIGTERM');
    const [code] = await this.#exited;
    return code;
  }
}

async function listeningPort(lines, protocol) {
  for (;;) {
    const { value: line, done } = await lines.next();
    if (done) throw new Error('the testbed ended before it listened');
    const port = new RegExp(`^listening on ${protocol}127\\.0\\.0\\.1:(\\d+)$`).exec(line)?.[1];
    if (port) return Number(port);
  }
}

/** Cargo builds at most once, however many suites ask for it at the same time. */
async function buildTestbed() {
  const options = ['build', '--package=stomp-tests', '--bin=stomp-testbed'];
  const format = '--message-format=json-render-diagnostics';
  const { stdout } = await promisify(execFile)('cargo', [...options, format], {
    cwd: WORKSPACE,
    maxBuffer: 64 * 1024 * 1024,
  });
  const messages = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return messages.find((message) => message.target?.name === 'stomp-testbed').executable;
}
