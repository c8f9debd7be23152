// What is no valid STOMP, or asks for what cannot be: ERROR, close 1002, and nothing behind it is processed.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { frame } from './lib/frames.js';
import { RawClient } from './lib/raw-client.js';
import { startTestbed } from './lib/testbed.js';

const testbed = await startTestbed();
after(() => testbed.stop());

const SEND = 'SEND\ndestination:/topic/a\n';
const ALL = ['1.0', '1.1', '1.2'];
const SINCE_1_1 = ['1.1', '1.2'];

for (const [id, versions, data, code] of [
  ['COD-007', ['1.2'], `${SEND}key:a\rb\n\n\0`, 'malformed-frame'],
  ['COD-009', ALL, '\r\0', 'malformed-frame'],
  ['COD-017', ALL, `${SEND}:value\n\n\0`, 'malformed-frame'],
  ['COD-018', ALL, `${SEND}no colon\n\n\0`, 'malformed-frame'],
  ['COD-022', ['1.1'], `${SEND}key:a\\rb\n\n\0`, 'invalid-escape'],
  ['COD-023', SINCE_1_1, `${SEND}key:a\\tb\n\n\0`, 'invalid-escape'],
  ['COD-023', SINCE_1_1, `${SEND}key:a\\xb\n\n\0`, 'invalid-escape'],
  ['COD-023', SINCE_1_1, `${SEND}key:a\\Cb\n\n\0`, 'invalid-escape'],
  ['COD-023', SINCE_1_1, `${SEND}key:a\\0b\n\n\0`, 'invalid-escape'],
  ['COD-023', SINCE_1_1, `${SEND}a\\tb:value\n\n\0`, 'invalid-escape'],
  ['COD-024', SINCE_1_1, `${SEND}key:a\\\n\n\0`, 'invalid-escape'],
  ['COD-036', SINCE_1_1, Buffer.from(`${SEND}key:a\xffb\n\n\0`, 'latin1'), 'invalid-utf8'],
  ['COD-037', ALL, frame('send', { destination: '/topic/a' }), 'unknown-command'],
  ['COD-038, ERR-006', ALL, frame('SEND', { Destination: '/topic/a' }), 'missing-header'],
  ['COD-039', ALL, frame('SEND ', { destination: '/topic/a' }), 'unknown-command'],
  ['COD-042', ALL, `${SEND}content-length:3\n\nhello\0`, 'malformed-frame'],
  ['COD-045', ALL, `${SEND}content-length:abc\n\nhello\0`, 'invalid-content-length'],
  ['COD-045', ALL, `${SEND}content-length:\n\nhello\0`, 'invalid-content-length'],
  ['COD-045', ALL, `${SEND}content-length:0x5\n\nhello\0`, 'invalid-content-length'],
  ['COD-045', ALL, `${SEND}content-length:1e3\n\nhello\0`, 'invalid-content-length'],
  ['COD-046', ALL, `${SEND}content-length:-1\n\nhello\0`, 'invalid-content-length'],
  ['COD-048', ALL, `${SEND}content-length:99999999999999999999\n\nhello\0`, 'invalid-content-length'],
  ['COD-050', SINCE_1_1, frame('SUBSCRIBE', { id: '1', destination: '/topic/a' }, 'body'), 'body-not-allowed'],
  ['COD-050', SINCE_1_1, frame('BEGIN', { transaction: '1' }, 'body'), 'body-not-allowed'],
  ['COD-053, ERR-004', ALL, frame('JUMP'), 'unknown-command'],
  ['ERR-005', ALL, frame('MESSAGE', { destination: '/topic/a' }), 'unexpected-command'],
  ['ERR-005', ALL, frame('CONNECTED'), 'unexpected-command'],
  ['ERR-006', ALL, frame('SEND', {}, 'hello'), 'missing-header'],
  ['SUB-003', SINCE_1_1, frame('SUBSCRIBE', { destination: '/topic/a' }), 'missing-header'],
  ['SUB-006', ALL, frame('SUBSCRIBE', { id: '1' }), 'missing-header'],
  ['SUB-006', ALL, frame('SUBSCRIBE', { id: '1', destination: '' }), 'missing-header'],
  ['SUB-007', ALL, frame('SUBSCRIBE', { id: '1', destination: '/topic/a' }).repeat(2), 'duplicate-subscription'],
  ['SUB-012', ALL, frame('UNSUBSCRIBE', { id: 'never' }), 'unknown-subscription'],
  ['SUB-013', SINCE_1_1, frame('UNSUBSCRIBE', { destination: '/topic/a' }), 'missing-header'],
  ['SUB-017', ALL, frame('SUBSCRIBE', { id: '1', destination: '/topic/a', ack: 'bogus' }), 'invalid-ack-mode'],
]) {
  for (const version of versions) {
    test(`${id}${version === '1.0' ? ', ERR-011' : ''}: ${version} ${JSON.stringify(String(data))}`, async (t) => {
      const client = await RawClient.connect(t, testbed.url(), version);
      client.send(data);
      client.sendFrame('SEND', { destination: '/topic/a', receipt: 'behind it (STR-014)' });
      await client.expectError(code);
    });
  }
}

for (const [id, data] of [
  ['COD-018', 'CONNECT\nno colon\n\n\0'],
  ['COD-045', 'CONNECT\ncontent-length:abc\n\n\0'],
]) {
  test(`${id}: before CONNECTED, ${JSON.stringify(data)}`, async (t) => {
    const client = await RawClient.open(t, testbed.url());
    client.send(data);
    const error = await client.expect('ERROR');
    assert.ok(error.headers.message);
    await client.expectClosed(1002);
  });
}

test('COD-050: CONNECT has no body', async (t) => {
  const client = await RawClient.open(t, testbed.url());
  client.sendFrame('CONNECT', { 'accept-version': '1.2' }, 'body');
  await client.expectError('body-not-allowed');
});

test('STR-013, ERR-003: good frames before the malformed one are processed, its receipt is named', async (t) => {
  const client = await RawClient.connect(t, testbed.url());
  const good = (receipt) => frame('SEND', { destination: '/topic/a', receipt });
  client.send(`${good('1')}${good('2')}${SEND}receipt:3\ncontent-length:1\n\nhello\0${good('4')}`);
  assert.equal((await client.expect('RECEIPT')).headers['receipt-id'], '1');
  assert.equal((await client.expect('RECEIPT')).headers['receipt-id'], '2');
  assert.equal((await client.expectError('malformed-frame')).headers['receipt-id'], '3');
});

for (const [destination, command] of [
  ['/nowhere/a', 'SEND'],
  ['/nowhere/a', 'SUBSCRIBE'],
  ['/app/no-such-handler', 'SEND'],
  ['/app/no-such-handler', 'SUBSCRIBE'],
]) {
  test(`RCP-008: ${command} ${destination} has nobody to serve it`, async (t) => {
    const client = await RawClient.connect(t, testbed.url());
    client.sendFrame(command, { id: '1', destination, receipt: '7' });
    const error = await client.expectError('unknown-destination');
    assert.equal(error.headers['receipt-id'], '7');
    assert.ok(error.text.includes(destination), error.text);
  });
}

test('ERR-009: an error on one connection leaves the others alone', async (t) => {
  const witness = await RawClient.connect(t, testbed.url());
  await witness.sendWithReceipt('SUBSCRIBE', { id: '1', destination: '/topic/witness' });
  const broken = await RawClient.connect(t, testbed.url());
  broken.sendFrame('JUMP');
  await broken.expectError('unknown-command');
  witness.sendFrame('SEND', { destination: '/topic/witness' }, 'still here');
  assert.equal((await witness.expect('MESSAGE')).text, 'still here');
});

// The codec accepts these, although other servers may not.
for (const [id, version, data, key] of [
  ['COD-003', '1.2', 'SEND\r\ndestination:/topic/NAME\r\nkey:value\r\n\r\n\0', 'value'],
  ['COD-005', '1.1', 'SEND\r\ndestination:/topic/NAME\r\nkey:value\r\n\r\n\0', 'value'],
  ['COD-014', '1.2', 'SEND\ndestination:/topic/NAME\nkey:a:b\n\n\0', 'a:b'],
  ['COD-015', '1.2', 'SEND\ndestination:/topic/NAME\nkey:\n\n\0', ''],
  ['COD-019', '1.2', 'SEND\ndestination:/topic/NAME\nkey:a\\nb\\cc\\\\d\n\n\0', 'a\nb:c\\d'],
  ['COD-021', '1.2', 'SEND\ndestination:/topic/NAME\nkey:a\\rb\n\n\0', 'a\rb'],
  ['COD-027', '1.2', 'SEND\ndestination:/topic/NAME\nkey:a\\\\nb\n\n\0', 'a\\nb'],
  ['COD-029', '1.2', 'SEND\ndestination:/topic/NAME\nkey: a \t\n\n\0', ' a \t'],
  ['COD-030', '1.0', 'SEND\ndestination: /topic/NAME\nkey: value \n\n\0', 'value'],
  ['COD-032', '1.2', 'SEND\ndestination:/topic/NAME\nkey:World\nkey:Hello\n\n\0', 'World'],
  ['COD-035', '1.2', 'SEND\ndestination:/topic/NAME\nkey:grün 日本 🦀\n\n\0', 'grün 日本 🦀'],
  ['COD-047', '1.2', 'SEND\ndestination:/topic/NAME\nkey:value\ncontent-length: 5 \n\nhello\0', 'value'],
]) {
  test(`${id}: ${version} ${JSON.stringify(data)}`, async (t) => {
    const client = await RawClient.connect(t, testbed.url(), version);
    await client.sendWithReceipt('SUBSCRIBE', { id: '1', destination: `/topic/${id}` });
    client.send(data.replace('NAME', id));
    assert.equal((await client.expect('MESSAGE')).headers.key, key);
  });
}
