// `sockjs-client` 1.6: messages there and back, through every transport that it has in Node.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { HARD_TEXTS, LONE_SURROGATES } from './lib/hard-texts.js';
import { watchRequests } from './lib/http-requests.js';
import { STREAMS, SockjsClient, TRANSPORTS } from './lib/sockjs-client.js';
import { startSockjsServer } from './lib/sockjs-server.js';

const server = await startSockjsServer();
after(() => server.stop());

const numbered = (count, text = '') => Array.from({ length: count }, (_, number) => `${number} ${text}`);

for (const transport of TRANSPORTS) {
  describe(transport, { concurrency: true }, () => {
    const open = (t, options) => SockjsClient.open(t, server.url('echo'), transport, options);

    test('SJ-SES-01, SJ-WS-01: it opens, once, with the transport that was asked for', async (t) => {
      const client = await open(t);
      assert.equal(client.transport, transport);
      assert.deepEqual(await client.exchange(['hello']), ['hello']);
      assert.equal(client.opened, 1);
    });

    test('SJ-CLI-10: 1000 messages at once come back in order', async (t) => {
      const client = await open(t);
      const messages = numbered(1000);
      assert.deepEqual(await client.exchange(messages), messages);
    });

    test('SJ-CLI-10, SJ-SES-10: one by one, then a batch, then one by one', async (t) => {
      const client = await open(t);
      for (const message of numbered(5)) assert.deepEqual(await client.exchange([message]), [message]);
      assert.deepEqual(await client.exchange(numbered(100)), numbered(100));
      for (const message of numbered(5)) assert.deepEqual(await client.exchange([message]), [message]);
    });

    test('SJ-SES-04: two connections do not mix', async (t) => {
      const [one, other] = await Promise.all([open(t), open(t)]);
      const texts = [one, other].map((_, index) => numbered(100, `of ${index}`));
      assert.deepEqual(await Promise.all([one.exchange(texts[0]), other.exchange(texts[1])]), texts);
    });

    for (const [what, texts] of Object.entries(HARD_TEXTS)) {
      test(`${what}: the text comes back as it was`, async (t) => {
        const client = await open(t);
        assert.deepEqual(await client.exchange(texts), texts);
      });
    }

    test('SJ-ESC-06: a surrogate that is alone does no harm', async (t) => {
      const client = await open(t);
      for (const text of LONE_SURROGATES) {
        const [echo, next] = await client.exchange([text, 'next']);
        assert.equal(echo.toWellFormed(), text.toWellFormed());
        assert.equal(next, 'next');
      }
    });

    test('SJ-LIM-01: large messages, beyond the response limit, arrive whole', async (t) => {
      const client = await open(t);
      const messages = ['x'.repeat(100_000), 'small', '日🦀ä%"'.repeat(5_000), ...numbered(5, 'y'.repeat(10_000))];
      const echoes = await client.exchange(messages);
      assert.deepEqual(
        echoes.map(({ length }) => length),
        messages.map(({ length }) => length),
      );
      assert.ok(echoes.every((echo, index) => echo === messages[index]), 'the messages are the same');
      assert.deepEqual(await client.exchange(['next']), ['next']);
    });
  });
}

for (const [transport, path] of Object.entries(STREAMS)) {
  test(`SJ-LIM-01, SJ-LIM-04: ${transport} goes on with a new request after each 4096 bytes`, async (t) => {
    const client = await SockjsClient.open(t, server.url('echo'), transport);
    const requests = watchRequests(t);
    for (let round = 0; round < 30; round++) {
      const messages = numbered(10, 'x'.repeat(98));
      assert.deepEqual(await client.exchange(messages), messages);
    }
    // Some 31 to 33 kB, as the messages share frames or don't: four rounds for each request.
    const streams = requests.filter((request) => request === new URL(client.sessionUrl).pathname + path);
    assert.ok(streams.length >= 6 && streams.length <= 10, `${streams.length} requests`);
    assert.equal(client.opened, 1);
  });
}

test('SJ-XHR-01: xhr-polling makes a request for each frame', async (t) => {
  const requests = watchRequests(t);
  const client = await SockjsClient.open(t, server.url('echo'), 'xhr-polling');
  for (const message of numbered(10)) assert.deepEqual(await client.exchange([message]), [message]);
  // One for `o`, and one for each message; the next may be on its way.
  const polls = requests.filter((request) => request === `${new URL(client.sessionUrl).pathname}/xhr`);
  assert.ok(polls.length === 11 || polls.length === 12, `${polls.length} requests`);
});
