// One line for each frame, without what no two servers have in common: ids, times, and the order of headers.

import { headerOf } from './frames.js';

/** What has a value of the server's own, which only has to be there. */
const OWN_VALUES = new Set(['session', 'server']);
/** What is left out unless a scenario is about it: these differ in every scenario. */
const PROSE = {
  CONNECTED: ['session', 'server'],
  ERROR: ['message', 'content-type', 'content-length', 'code', 'version'],
};

const ESCAPES = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\0': '\\0' };
/** A longer body is not shown, only counted. */
const LONG = 1000;

export function describe(client, event, scenario) {
  const name = scenario.options.has('any client') ? 'any' : client.name;
  if (event.closed) return `${name} closed ${event.closed}`;
  if (event.silent) return `${name} is answered no more`;
  if (event.command === 'MESSAGE') return `${name} ${message(event, scenario)}`;
  const isFull = scenario.options.has('in full');
  const shown = headers(event, isFull ? [] : PROSE[event.command]);
  const body = isFull && event.body.length > 0 ? ['|', text(event.body)] : [];
  return [name, event.command, ...shown, ...body].join(' ');
}

function message(frame, scenario) {
  const marks = [frame.isBinary && 'binary', ...lengthMarks(frame), idMark(frame, scenario)];
  const shown = ['destination', 'subscription', 'content-type'].map((name) => headerOf(frame, name) ?? '-');
  const others = headers(frame, ['destination', 'subscription', 'content-type', 'message-id', 'content-length']);
  return ['MESSAGE', ...shown, ...others, ...marks.filter(Boolean), '|', text(frame.body)].join(' ').trimEnd();
}

function headers(frame, except = []) {
  const hidden = new Set(except);
  return frame.headers
    .filter(([name]) => !hidden.has(name))
    .map(([name, value]) => `${name}:${OWN_VALUES.has(name) ? '*' : escape(value)}`)
    .sort();
}

function lengthMarks(frame) {
  const length = headerOf(frame, 'content-length');
  if (length === undefined) return ['without-content-length'];
  return Number(length) === frame.body.length ? [] : [`content-length:${length}`];
}

/** An id is shown if it is missing, or one that the scenario has made up. */
function idMark(frame, scenario) {
  const id = headerOf(frame, 'message-id');
  if (id === undefined) return 'without-message-id';
  const isOfClient = scenario.steps.some((step) => step.text.includes(`message-id:${id}`));
  return isOfClient && `message-id:${id}`;
}

/** As scenarios write it. */
function text(body) {
  if (body.length > LONG) return `${body.length} octets`;
  const string = body.toString('utf8');
  if (!Buffer.from(string).equals(body)) return body.toString('latin1').replace(/[^ -~]/g, octet);
  return escape(withoutIds(string));
}

function escape(string) {
  return string.replace(/[\\\n\r\0]/g, (character) => ESCAPES[character]);
}

function octet(character) {
  return `\\x${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

/** Ids and times that Spring writes into a body. */
function withoutIds(string) {
  return string
    .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<id>')
    .replace(/("timestamp":)\d+/g, '$1<time>');
}
