// `sockjs-client` 1.6: what the server sends by itself, through every transport that the client has in Node.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { SockjsClient, TRANSPORTS } from './lib/sockjs-client.js';
import { startSockjsServer } from './lib/sockjs-server.js';

const server = await startSockjsServer();
after(() => server.stop());

describe('by transport', { concurrency: true }, () => {
  for (const transport of TRANSPORTS) {
    test(`SJ-TS-02: ${transport} gets ticks that it did not ask for`, async (t) => {
      const client = await SockjsClient.open(t, server.url('ticker'), transport);
      const begin = performance.now();
      assert.deepEqual(await client.receive(2), ['tick!', 'tick!']);
      const elapsed = performance.now() - begin;
      assert.ok(elapsed > 1_500, `two ticks within ${elapsed} ms`);
    });

    test(`SJ-TS-02: ${transport} gets up to 2^18 characters for a number`, async (t) => {
      const client = await SockjsClient.open(t, server.url('amplify'), transport);
      const answers = await client.exchange(['18', '3', '10.9', '0', '19', '-1', 'nothing']);
      assert.deepEqual(
        answers.map(({ length }) => length),
        [262_144, 8, 1024, 2, 2, 2, 2],
      );
      assert.ok(answers.every((answer) => /^x+$/.test(answer)), 'they are all x');
    });
  }
});

test('SJ-TS-02, SJ-SES-11: every connection gets what any of them sends, whatever its transport', async (t) => {
  const clients = await Promise.all(
    TRANSPORTS.map((transport) => SockjsClient.open(t, server.url('broadcast'), transport)),
  );
  const texts = TRANSPORTS.map((transport) => Array.from({ length: 20 }, (_, number) => `${transport} ${number}`));
  // Fewer in all than a session keeps for a poll that is late.
  clients.forEach((client, index) => client.send(...texts[index]));
  for (const client of clients) {
    const messages = await client.receive(80);
    for (const [index, transport] of TRANSPORTS.entries()) {
      assert.deepEqual(
        messages.filter((message) => message.startsWith(`${transport} `)),
        texts[index],
        `what ${client.transport} got of ${transport}`,
      );
    }
  }
});

test('SJ-SES-10: what is sent while a poll is being answered waits for the next', async (t) => {
  const receiver = await SockjsClient.open(t, server.url('broadcast'), 'xhr-polling');
  const sender = await SockjsClient.open(t, server.url('broadcast'), 'websocket');
  // The sender does not wait, so most messages find no poll.
  const messages = Array.from({ length: 90 }, (_, number) => `broadcast ${number}`);
  sender.send(...messages);
  assert.deepEqual(await receiver.receive(90), messages);
});

test('SJ-SES-08: who has gone hinders nobody', async (t) => {
  const staying = await SockjsClient.open(t, server.url('broadcast'), 'websocket');
  const leaving = await Promise.all(
    TRANSPORTS.map((transport) => SockjsClient.open(t, server.url('broadcast'), transport)),
  );
  for (const [index, client] of leaving.entries()) {
    assert.deepEqual(await staying.exchange([`before ${index}`]), [`before ${index}`]);
    client.socket.close();
    assert.deepEqual(await staying.exchange([`after ${index}`]), [`after ${index}`]);
    assert.ok(!client.takeAll().includes(`after ${index}`), 'nothing comes after close()');
  }
});
