// What a SockJS service says of itself, and what `sockjs-client` 1.6 makes of it when no transport is forced.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { watchRequests } from './lib/http-requests.js';
import { within } from './lib/inbox.js';
import { RawClient } from './lib/raw-client.js';
import { SockjsClient } from './lib/sockjs-client.js';
import { startSockjsServer } from './lib/sockjs-server.js';

const server = await startSockjsServer();
after(() => server.stop());

const info = async (service) => (await fetch(`${server.url(service)}/info`)).json();

for (const [service, websocket, cookieNeeded] of [
  ['echo', true, false],
  ['disabled_websocket_echo', false, false],
  ['cookie_needed_echo', true, true],
]) {
  test(`SJ-INFO-02, SJ-INFO-03, SJ-COOK-02: /info of /${service}`, async () => {
    const { entropy, ...rest } = await info(service);
    assert.deepEqual(rest, { websocket, cookie_needed: cookieNeeded, origins: ['*:*'] });
    assert.ok(Number.isInteger(entropy) && entropy >= 0 && entropy < 2 ** 32, `${entropy}`);
    assert.notEqual((await info(service)).entropy, entropy);
  });
}

test('SJ-CLI-01: without a choice, the client takes the WebSocket', async (t) => {
  const client = await SockjsClient.open(t, server.url('echo'));
  assert.equal(client.transport, 'websocket');
  assert.deepEqual(await client.exchange(['hello']), ['hello']);
});

test('SJ-CLI-04: it takes xhr-streaming where there is no WebSocket, and does not try one', async (t) => {
  const requests = watchRequests(t);
  const client = await SockjsClient.open(t, server.url('disabled_websocket_echo'));
  assert.equal(client.transport, 'xhr-streaming');
  assert.deepEqual(await client.exchange(['hello']), ['hello']);
  const { pathname } = new URL(server.url('disabled_websocket_echo'));
  const session = client.sessionUrl.slice(server.url('disabled_websocket_echo').length);
  assert.deepEqual(
    requests.map((path) => path.slice(pathname.length)),
    ['/info', `${session}/xhr_streaming`, `${session}/xhr_send`],
  );
});

test('SJ-WS-10: both urls of a WebSocket are 404 where there is none', async (t) => {
  for (const path of ['/000/a/websocket', '/websocket']) {
    const url = server.url('disabled_websocket_echo') + path;
    await assert.rejects(RawClient.open(t, url.replace(/^http/, 'ws')), { message: /response: 404$/ });
    assert.equal((await fetch(url)).status, 404, path);
  }
});

test('SJ-CLI-04: when the only transport that is allowed is off, the client fails with 2000', async (t) => {
  const options = { transports: ['websocket'] };
  const client = new SockjsClient(t, server.url('disabled_websocket_echo'), options);
  const failure = { code: 2000, reason: 'All transports failed', wasClean: false };
  assert.deepEqual(await client.end(), failure);
});

test('SJ-INFO-06: where there is no service, the client fails with 1002', async (t) => {
  const client = new SockjsClient(t, server.url('nothing-here'), {});
  assert.equal((await client.end()).code, 1002);
});

test('SJ-COOK-03, SJ-COOK-04: where it is switched on, HTTP transports set the cookie that a proxy wants', async (t) => {
  const client = await SockjsClient.open(t, server.url('cookie_needed_echo'), 'xhr-streaming');
  assert.deepEqual(await client.exchange(['hello']), ['hello']);
  const send = (cookie) =>
    fetch(`${client.sessionUrl}/xhr_send`, { method: 'POST', body: '[]', headers: cookie && { cookie } });
  assert.match((await send()).headers.get('set-cookie'), /^JSESSIONID=dummy; *path=\/$/i);
  assert.match((await send('JSESSIONID=abc.node1')).headers.get('set-cookie'), /^JSESSIONID=abc\.node1; *path=\/$/i);
});

test('SJ-RAW-01, SJ-RAW-02: the raw WebSocket beside it has no frames, and its close has code and reason', async (t) => {
  const client = await RawClient.open(t, server.rawUrl('echo'));
  for (const text of ['hello', '["hello"]', 'o', '🦀 \uffff %41']) {
    client.send(text);
    const { data, isBinary } = await client.nextMessage();
    assert.deepEqual([data.toString(), isBinary], [text, false]);
  }
  const closed = await RawClient.open(t, server.rawUrl('close'));
  assert.deepEqual(await within(closed.closed, 'close'), { code: 3000, reason: 'Go away!' });
});
