// CONNECT and what is agreed on: NEG-001 to NEG-032, HB-001 to HB-028.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { frame } from './lib/frames.js';
import { RawClient } from './lib/raw-client.js';
import { startTestbed } from './lib/testbed.js';

const testbed = await startTestbed();
after(() => testbed.stop());

for (const [id, headers, version] of [
  ['NEG-001', { 'accept-version': '1.2' }, '1.2'],
  ['NEG-002', { 'accept-version': '1.1' }, '1.1'],
  ['NEG-003', { 'accept-version': '1.0' }, '1.0'],
  ['NEG-004', {}, '1.0'],
  ['NEG-005', { 'accept-version': '1.0,1.1,1.2' }, '1.2'],
  ['NEG-006', { 'accept-version': '1.2,1.1,1.0' }, '1.2'],
  ['NEG-007', { 'accept-version': '1.1,2.0' }, '1.1'],
  ['NEG-009', { 'accept-version': '1.0, 1.1, 1.2' }, '1.2'],
  ['NEG-011', { 'accept-version': '1.2,x,1.20' }, '1.2'],
  ['NEG-017', { 'accept-version': '1.2' }, '1.2'],
  ['NEG-018', { 'accept-version': '1.2', host: 'no-such-host' }, '1.2'],
  ['NEG-029', { 'accept-version': '1.2', Authorization: 'Bearer x', 'X-CSRF-TOKEN': 'y', 'client-id': 'z' }, '1.2'],
]) {
  test(`${id}, NEG-022: CONNECT with ${JSON.stringify(headers)} is a ${version} session`, async (t) => {
    const client = await RawClient.open(t, testbed.url());
    client.sendFrame('CONNECT', headers);
    const connected = await client.expect('CONNECTED');
    assert.equal(connected.headers.version, version);
    assert.equal(connected.headers['heart-beat'], '0,0');
    assert.match(connected.headers.session, /^\S{16,}$/);
    assert.match(connected.headers.server, /^stomp-rs\/\d/);
    assert.equal(connected.body.length, 0);
  });
}

for (const [id, headers, version] of [
  ['NEG-012', { 'accept-version': '1.2' }, '1.2'],
  ['NEG-013', { 'accept-version': '1.1' }, '1.1'],
  ['NEG-014', {}, '1.0'],
]) {
  test(`${id}: STOMP with ${JSON.stringify(headers)} is CONNECT`, async (t) => {
    const client = await RawClient.open(t, testbed.url());
    client.sendFrame('STOMP', headers);
    assert.equal((await client.expect('CONNECTED')).headers.version, version);
  });
}

for (const [id, acceptVersion] of [
  ['NEG-008', '2.0'],
  ['NEG-010', ''],
]) {
  test(`${id}: accept-version '${acceptVersion}' is refused, and the versions are named`, async (t) => {
    const client = await RawClient.open(t, testbed.url());
    client.sendFrame('CONNECT', { 'accept-version': acceptVersion });
    const error = await client.expectError('unsupported-version');
    assert.equal(error.headers.version, '1.0,1.1,1.2');
  });
}

test('NEG-015: the first frame must be CONNECT', async (t) => {
  const client = await RawClient.open(t, testbed.url());
  client.sendFrame('SEND', { destination: '/topic/a', receipt: '7' });
  assert.equal((await client.expectError('not-connected')).headers['receipt-id'], '7');
});

test('NEG-016: CONNECT must be sent once', async (t) => {
  const client = await RawClient.connect(t, testbed.url());
  client.sendFrame('CONNECT', { 'accept-version': '1.2' });
  await client.expectError('already-connected');
});

for (const [login, passcode] of [
  ['guest', 'guest'],
  ['admin', 'password'],
]) {
  test(`${login} may log in`, async (t) => {
    const client = await RawClient.connect(t, testbed.url(), '1.2', { login, passcode });
    assert.equal(client.connected.headers['user-name'], login);
  });
}

for (const [login, passcode] of [
  ['guest', 'wrong'],
  ['admin', 'guest'],
  ['nobody', 'guest'],
]) {
  test(`NEG-019, NEG-026: ${login}/${passcode} is refused, and so is what follows`, async (t) => {
    const client = await RawClient.open(t, testbed.url());
    const connect = frame('CONNECT', { 'accept-version': '1.2', login, passcode });
    client.send(connect + frame('SUBSCRIBE', { id: '1', destination: '/topic/a', receipt: '1' }));
    const error = await client.expectError('authentication-failed');
    assert.equal(error.headers.message, 'Bad credentials');
  });
}

test('NEG-020: a login without passcode is refused', async (t) => {
  const client = await RawClient.open(t, testbed.url());
  client.sendFrame('CONNECT', { 'accept-version': '1.2', login: 'guest' });
  await client.expectError('authentication-failed');
});

test('NEG-021: CONNECT gets no RECEIPT', async (t) => {
  const client = await RawClient.connect(t, testbed.url(), '1.2', { receipt: 'connect' });
  client.sendFrame('DISCONNECT', { receipt: 'bye' });
  assert.equal((await client.expect('RECEIPT')).headers['receipt-id'], 'bye');
});

test('NEG-025, SUB-026, STR-017: frames behind CONNECT are read by the version that it agrees on', async (t) => {
  const client = await RawClient.open(t, testbed.url());
  const connect = frame('CONNECT', { 'accept-version': '1.2' });
  const destination = '/topic/pipelined\\ctopic';
  const subscribe = frame('SUBSCRIBE', { id: 'a\\nb', destination });
  client.send(connect + subscribe + frame('SEND', { destination }, 'hello'));
  await client.expect('CONNECTED');
  const message = await client.expect('MESSAGE');
  assert.equal(message.headers.subscription, 'a\nb');
  assert.equal(message.headers.destination, '/topic/pipelined:topic');
});

test('STR-018: frames behind CONNECT without accept-version are read by 1.0', async (t) => {
  const client = await RawClient.open(t, testbed.url());
  const subscribe = frame('SUBSCRIBE', { destination: '/topic/old', receipt: 'a\\nb' });
  client.send(frame('CONNECT') + subscribe);
  await client.expect('CONNECTED');
  const { data } = await client.nextMessage();
  assert.ok(data.includes('receipt-id:a\\nb\n'), `${data}`);
});

test('NEG-031, ERR-012: a refused client reads its ERROR, whatever it still sends', async (t) => {
  const connect = frame('CONNECT', { 'accept-version': '1.2', login: 'guest', passcode: 'wrong' });
  const more = frame('SEND', { destination: '/topic/a' }, 'x'.repeat(10_000));
  for (let attempt = 0; attempt < 100; attempt++) {
    const client = await RawClient.open(t, testbed.url());
    client.send(connect);
    client.send(more);
    client.send(more);
    await client.expectError('authentication-failed');
  }
});

for (const [id, heartBeat, answer] of [
  ['HB-002', '0,0', '0,0'],
  ['HB-023', '0,1000', '1000,0'],
  ['HB-003', '1000,0', '0,1000'],
  ['HB-018', '10000, 20000', '20000,10000'],
  ['HB-020', '99999999999999999999,99999999999999999999', '60000,60000'],
  ['HB-021', '1,1', '1000,1000'],
]) {
  test(`${id}: heart-beat ${heartBeat} is answered with ${answer}`, async (t) => {
    const client = await RawClient.connect(t, testbed.url(), '1.2', { 'heart-beat': heartBeat });
    assert.equal(client.connected.headers['heart-beat'], answer);
  });
}

for (const [id, heartBeat] of [
  ['HB-017', 'abc'],
  ['HB-017', '1000'],
  ['HB-017', '1000,'],
  ['HB-017', '1,2,3'],
  ['HB-019', '-1,0'],
]) {
  test(`${id}: heart-beat ${heartBeat} is refused`, async (t) => {
    const client = await RawClient.open(t, testbed.url());
    client.sendFrame('CONNECT', { 'accept-version': '1.2', 'heart-beat': heartBeat });
    await client.expectError('invalid-heart-beat');
  });
}

test('HB-022: STOMP 1.0 has no heart-beats', async (t) => {
  const client = await RawClient.connect(t, testbed.url(), '1.0', { 'heart-beat': '1000,1000' });
  assert.equal(client.connected.headers['heart-beat'], '0,0');
});

test('HB-010, HB-024: a client that promised heart-beats and is silent is told so and closed', async (t) => {
  const client = await RawClient.connect(t, testbed.url(), '1.2', { 'heart-beat': '1000,0' });
  await client.expectError('heart-beat-lost');
});
