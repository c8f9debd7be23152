// Bounds on what a client may send: LIM-001 to LIM-015.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { frame } from './lib/frames.js';
import { RawClient, waitForSessions } from './lib/raw-client.js';
import { startTestbed } from './lib/testbed.js';

const MAX_MESSAGE = 100_000;
const OUTBOUND_QUEUE = 1_000_000;

const testbed = await startTestbed(`--limit=message_bytes=${MAX_MESSAGE}`, `--limit=outbound_bytes=${OUTBOUND_QUEUE}`);
after(() => testbed.stop());

const destination = '/topic/limits';

/** A SEND of exactly so many octets; line ends and NUL do not count. */
function sendOf(octets, headers = {}) {
  const head = frame('SEND', { destination, ...headers }).replace(/[\n\0]/g, '');
  return frame('SEND', { destination, ...headers }, 'x'.repeat(octets - head.length));
}

test('LIM-013: a frame of exactly the limit is delivered, one octet more is refused', async (t) => {
  const client = await RawClient.connect(t, testbed.url());
  await client.sendWithReceipt('SUBSCRIBE', { id: '1', destination });
  client.send(sendOf(MAX_MESSAGE));
  await client.expect('MESSAGE');
  client.send(sendOf(MAX_MESSAGE + 1));
  await client.expectError('frame-too-large', 1009);
});

test('LIM-009: a WebSocket message over the limit is told and closed with 1009', async (t) => {
  const client = await RawClient.connect(t, testbed.url());
  client.send(sendOf(50 * MAX_MESSAGE));
  await client.expectError('frame-too-large', 1009);
});

test('LIM-005, LIM-008: a frame in small WebSocket messages is limited in sum', async (t) => {
  const client = await RawClient.connect(t, testbed.url());
  const data = sendOf(2 * MAX_MESSAGE, { receipt: '7' });
  for (let start = 0; start < data.length; start += 1000) client.send(data.slice(start, start + 1000));
  const error = await client.expectError('frame-too-large', 1009);
  assert.equal(error.headers['receipt-id'], '7');
  assert.match(error.text, /100000 bytes/);
});

test('LIM-004: a content-length over the limit is refused before the body comes', async (t) => {
  const client = await RawClient.connect(t, testbed.url());
  client.send(`SEND\ndestination:${destination}\ncontent-length:${MAX_MESSAGE + 1}\n\n`);
  await client.expectError('frame-too-large', 1009);
});

test('LIM-001: too many headers', async (t) => {
  const client = await RawClient.connect(t, testbed.url());
  const headers = Object.fromEntries(Array.from({ length: 100 }, (_, number) => [`h${number}`, '']));
  client.sendFrame('SEND', { destination, ...headers });
  await client.expectError('too-many-headers');
});

test('LIM-003: a header line that does not end', async (t) => {
  const client = await RawClient.connect(t, testbed.url());
  client.send(`SEND\nkey:${'x'.repeat(20_000)}`);
  await client.expectError('header-too-long');
});

test('LIM-006: a command that does not end', async (t) => {
  const client = await RawClient.connect(t, testbed.url());
  client.send('S'.repeat(1000));
  await client.expectError('command-too-long');
});

test('LIM-007: less is allowed before CONNECTED', async (t) => {
  const client = await RawClient.open(t, testbed.url());
  client.send('CONNECT\n\n' + 'x'.repeat(40_000));
  await client.expectError('too-large');
});

test('SUB-032: too many subscriptions', async (t) => {
  const client = await RawClient.connect(t, testbed.url());
  for (let id = 0; id <= 1024; id++) client.sendFrame('SUBSCRIBE', { id, destination: `${destination}/${id}` });
  await client.expectError('too-many-subscriptions');
});

test('LIM-010, WS-024: a client that does not read is cut off, and the others notice nothing', async (t) => {
  const admin = { login: 'admin', passcode: 'password' };
  const publisher = await RawClient.connect(t, testbed.url(), '1.2', admin);
  const slow = await RawClient.connect(t, testbed.url(), '1.2', admin);
  for (const client of [publisher, slow]) await client.sendWithReceipt('SUBSCRIBE', { id: '1', destination });
  slow.socket.pause();
  // More than the operating system takes for a client that does not read.
  for (let number = 0; number < 500; number++) {
    publisher.sendFrame('SEND', { destination, number }, 'x'.repeat(90_000));
    assert.equal((await publisher.expect('MESSAGE')).headers.number, String(number));
  }
  await waitForSessions(publisher, 1);
});
