// How long a message takes to a handler and back, by transport: `npm run latency -- [OPTIONS]`.
//
//   --url URL       the base url of SockJS services, such as http://127.0.0.1:8080/sockjs; without it a testbed is started
//   --count NUMBER  messages for each transport [default: 500]
//   --pause MS      between an answer and the next message [default: 30]
//
// With HTTP, `sockjs-client` waits for 25 ms after each request to send the next (SJ-CLI-10). The pause lets that pass, so that
// what is measured is the way, and not the wait of the client; `--pause 0` measures both.

import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { TRANSPORTS } from './lib/sockjs-client.js';
import { startSockjsServer } from './lib/sockjs-server.js';
import { connectOverSockjs, connectRaw } from './lib/sockjs-stomp.js';
import { subscribe } from './lib/stompjs-client.js';

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    count: { type: 'string', default: '500' },
    pause: { type: 'string', default: '30' },
  },
});
const [count, pause] = [Number(values.count), Number(values.pause)];
if (!(count > 0) || !(pause >= 0)) throw new Error('--count and --pause are numbers');
if (values.url) process.env.SOCKJS_BASE_URL = values.url;

/** What is to be done in the end; the helpers of tests want to know of it. */
const ends = [];
const t = { after: (end) => ends.unshift(end) };

/** Round trips in milliseconds, sorted. */
async function measure(client) {
  const replies = await subscribe(client, '/user/queue/echo');
  const times = [];
  // A tenth more, which is not counted, to get warm.
  for (let number = -count / 10; number < count; number++) {
    const begin = performance.now();
    client.publish({ destination: '/app/echo', body: `message ${number}` });
    await replies.next();
    if (number >= 0) times.push(performance.now() - begin);
    if (pause > 0) await setTimeout(pause);
  }
  return times.sort((one, other) => one - other);
}

const server = await startSockjsServer();
t.after(() => server.stop());
const ways = {
  'WebSocket without SockJS': () => connectRaw(t, server),
  ...Object.fromEntries(
    TRANSPORTS.map((transport) => [transport, () => connectOverSockjs(t, server.url('stomp'), transport)]),
  ),
};
console.log(`STOMP there and back, in ms (${count} messages, ${pause} ms between them)\n`);
console.log('| transport | median | p99 | longest |\n|---|---|---|---|');
for (const [way, connect] of Object.entries(ways)) {
  const client = await connect();
  const times = await measure(client);
  await client.deactivate();
  const figures = [0.5, 0.99, 1].map((part) => times[Math.ceil(times.length * part) - 1].toFixed(2));
  console.log(`| ${way} | ${figures.join(' | ')} |`);
}
for (const end of ends) await end();
