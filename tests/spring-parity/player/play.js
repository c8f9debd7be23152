// Plays a scenario against one server, and writes down what each client gets at each step.

import { Client, PATIENCE_MS } from './client.js';
import { describe } from './transcript.js';

/**
 * How often a session that answers nothing is given another chance. A server that works on one thing after the other is
 * done with a session of so many frames when it has answered somebody else so often.
 */
const ROUNDS = 12;

export async function play(scenario, server) {
  const clients = new Map();
  const sessions = new Map();
  const transcript = [];
  try {
    for (const step of scenario.steps) {
      for (const action of step.actions) await act(action, clients, sessions, server);
      await settle([...clients.values()], server);
      const lines = [...clients.values()].flatMap((client) =>
        client.received.splice(0).map((event) => describe(client, event, scenario)),
      );
      const isSorted = ['without order', 'any order', 'any client'].some((option) => scenario.options.has(option));
      const named = lines.map((line) => nameSessions(line, sessions));
      transcript.push(`> ${step.text}`, ...(isSorted ? named.sort() : named));
    }
  } finally {
    for (const client of clients.values()) client.socket.terminate();
    await Promise.all([...clients.values()].map((client) => client.closed));
    // The next scenario must not meet these sessions.
    await noticed(server, clients);
  }
  return transcript;
}

async function act(action, clients, sessions, server) {
  if (action.verb === 'open' || action.verb === 'connect') {
    const client = await Client.open(action.client, server.url);
    clients.set(action.client, client);
    if (action.verb === 'connect') await client.connect(action.headers);
    return;
  }
  const client = clients.get(action.client);
  const headers = action.headers.map(([name, value]) => [name, withSessions(value, sessions)]);
  const destination = action.destination && withSessions(action.destination, sessions);
  switch (action.verb) {
    case 'session':
      sessions.set(action.client, await client.ask('id'));
      break;
    case 'frame':
      client.sendFrame(action.command, headers, action.body);
      break;
    case 'subscribe':
      client.sendFrame('SUBSCRIBE', [['id', action.id], ['destination', destination], ...headers]);
      break;
    case 'unsubscribe':
      client.sendFrame('UNSUBSCRIBE', [['id', action.id], ...headers]);
      break;
    case 'send':
      client.sendFrame('SEND', [['destination', destination], ...headers], action.body);
      break;
    case 'raw':
      client.send(action.text);
      break;
    case 'await':
      await client.arrivals(Number(action.count));
      break;
    case 'drop':
      await client.close();
      await noticed(server, clients);
      break;
  }
}

/** Until the server has noticed who has left. */
async function noticed(server, clients) {
  const left = [...clients.values()].filter((client) => client.isOpen && client.isConnected);
  const deadline = Date.now() + PATIENCE_MS;
  while (Number(await server.probe.ask('count')) > left.length + 1) {
    if (Date.now() > deadline) throw new Error('the server does not notice that sessions have ended');
  }
}

/** Twice: once until all is handled, and once until what that has sent to others has come, too. */
async function settle(clients, server) {
  for (let round = 0; round < 2; round++) {
    for (const client of clients) {
      await client.ping();
      if (client.isOpen && !client.isConnected) await rounds(server, client);
      if (client.hasError || client.isClosing) await client.closed;
      if (client.isOpen && client.isConnected) await settleConnected(client, server);
    }
  }
}

async function settleConnected(client, server) {
  let isAnswered = false;
  const answered = client.sync().then(() => {
    isAnswered = true;
  });
  if (!server.ignoresSessions) return answered;
  await Promise.race([answered, rounds(server, client, () => isAnswered)]);
  // It is waited for no more; that it never comes is no failure.
  answered.catch(() => {});
  if (!isAnswered && client.isOpen && !client.isSilent) {
    client.isSilent = true;
    client.received.push({ silent: true });
  }
}

async function rounds(server, client, isEnough = () => false) {
  for (let round = 0; round < ROUNDS && !isEnough(); round++) {
    await client?.ping();
    await server.probe.sync();
  }
}

function withSessions(text, sessions) {
  return text.replace(/<(\w+)>/g, (whole, name) => sessions.get(name) ?? whole);
}

function nameSessions(text, sessions) {
  return [...sessions].reduce((result, [name, id]) => result.replaceAll(id, `<${name}>`), text);
}
