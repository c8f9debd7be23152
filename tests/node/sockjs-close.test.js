// `sockjs-client` 1.6: how connections end, through every transport that the client has in Node.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';

import { within } from './lib/inbox.js';
import { STREAMS, SockjsClient, TRANSPORTS } from './lib/sockjs-client.js';
import { startSockjsServer } from './lib/sockjs-server.js';

const server = await startSockjsServer();
after(() => server.stop());

/** How long it takes until the session is gone, which is asked for with empty batches (SJ-SEND-02, SJ-SEND-04). */
async function timeUntilForgotten(sessionUrl) {
  const begin = performance.now();
  while ((await fetch(`${sessionUrl}/xhr_send`, { method: 'POST', body: '[]' })).status === 204);
  return performance.now() - begin;
}

/** A session that nobody noticed to have ended would live for 5 s (SJ-SES-09). */
const AT_ONCE_MS = 3_000;

describe('by transport', { concurrency: true }, () => {
  for (const transport of TRANSPORTS) {
    test(`SJ-SES-12, SJ-WS-05: ${transport} gets the code and the reason of the application`, async (t) => {
      const client = new SockjsClient(t, server.url('close'), { transports: [transport] });
      assert.deepEqual(await client.end(), { code: 3000, reason: 'Go away!', wasClean: true });
      assert.equal(client.opened, 1, '`open` comes first');
    });

    test(`close() of ${transport} ends in the event close, with the client's own code`, async (t) => {
      const client = await SockjsClient.open(t, server.url('echo'), transport);
      client.socket.close(3001, 'enough');
      assert.deepEqual(await client.end(), { code: 3001, reason: 'enough', wasClean: true });
    });
  }

  for (const transport of Object.keys(STREAMS)) {
    test(`SJ-SES-08, SJ-CLI-08: close() of ${transport} ends the session at once`, async (t) => {
      const client = await SockjsClient.open(t, server.url('echo'), transport);
      const { status } = await fetch(`${client.sessionUrl}/xhr_send`, { method: 'POST', body: '["hello"]' });
      assert.equal(status, 204);
      assert.deepEqual(await client.receive(1), ['hello']);
      client.socket.close();
      const elapsed = await timeUntilForgotten(client.sessionUrl);
      assert.ok(elapsed < AT_ONCE_MS, `it took ${elapsed} ms`);
    });
  }

  test('SJ-SES-08: a poll that is cut ends the session at once', async () => {
    const sessionUrl = `${server.url('echo')}/000/${randomUUID()}`;
    const poll = (signal) => fetch(`${sessionUrl}/xhr`, { method: 'POST', signal });
    assert.equal(await (await poll()).text(), 'o\n');
    // The second of two polls is sent away, and so the first is there (SJ-SES-07).
    const aborts = [new AbortController(), new AbortController()];
    const polls = aborts.map(async ({ signal }, index) => ({ index, frame: await (await poll(signal)).text() }));
    const { index, frame } = await within(Promise.race(polls), 'answer to one of two polls');
    assert.equal(frame, 'c[2010,"Another connection still open"]\n');
    aborts[1 - index].abort();
    await assert.rejects(polls[1 - index], { name: 'AbortError' });
    const elapsed = await timeUntilForgotten(sessionUrl);
    assert.ok(elapsed < AT_ONCE_MS, `it took ${elapsed} ms`);
    assert.equal(await (await poll()).text(), 'o\n', 'a new session');
  });
});
