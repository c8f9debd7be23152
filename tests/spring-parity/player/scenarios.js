// Reads the files of `scenarios/`. Their language is described in README.md.

import { readdirSync, readFileSync } from 'node:fs';

/** All scenarios of a folder, in the order of its files. */
export function readScenarios(folder) {
  const files = readdirSync(folder).filter((file) => file.endsWith('.scenarios'));
  return files.sort().flatMap((file) => parse(file, readFileSync(new URL(file, folder), 'utf8')));
}

function parse(file, text) {
  const scenarios = [];
  let together = null;
  text.split('\n').forEach((line, index) => {
    const where = `${file}:${index + 1}`;
    const words = line.trim();
    if (words === '' || words.startsWith('#')) return;
    if (!line.startsWith(' ')) {
      const title = /^scenario (.+)$/.exec(words)?.[1];
      if (!title) throw new Error(`${where}: no scenario: ${words}`);
      if (together) throw new Error(`${where}: the scenario before has no end of \`together\``);
      scenarios.push({ title, where, rules: [], differences: [], steps: [], options: new Set() });
      return;
    }
    const scenario = scenarios.at(-1);
    const [word, rest] = split(words);
    if (word === 'rules') scenario.rules.push(...rest.split(' '));
    else if (word === 'differs') scenario.differences.push(parseDifference(where, rest));
    else if (word === '-' || word === '+') declaredLine(where, scenario).push(`${word} ${rest}`);
    else if (OPTIONS.has(words)) scenario.options.add(words);
    else if (words === 'together') scenario.steps.push((together = { text: 'together', actions: [] }));
    else if (words === 'end') together = null;
    else {
      const action = parseAction(where, words);
      if (together) together.actions.push(action);
      else scenario.steps.push({ text: words, actions: [action] });
    }
  });
  return scenarios;
}

const OPTIONS = new Set([
  'silent',
  'in full',
  'any client',
  'any order',
  'without order',
  'refusing unknown destinations',
]);

function parseDifference(where, text) {
  const [, rules, reason] = /^([A-Z0-9, -]+): (.+)$/.exec(text) ?? [];
  if (!reason) throw new Error(`${where}: a difference is \`differs RULE, RULE: reason\``);
  return { rules: rules.split(', '), reason, lines: [] };
}

function declaredLine(where, scenario) {
  const difference = scenario.differences.at(-1);
  if (!difference) throw new Error(`${where}: no \`differs\` before this line`);
  return difference.lines;
}

const VERBS = {
  open: [],
  connect: ['headers'],
  session: [],
  frame: ['command', 'headers', 'body'],
  subscribe: ['id', 'destination', 'headers'],
  unsubscribe: ['id', 'headers'],
  send: ['destination', 'headers', 'body'],
  raw: ['text'],
  await: ['count'],
  drop: [],
};

function parseAction(where, line) {
  const [client, afterClient] = split(line);
  const [verb, afterVerb] = split(afterClient);
  const parameters = VERBS[verb];
  if (!parameters) throw new Error(`${where}: unknown verb \`${verb}\``);
  const action = { client, verb, headers: [], body: Buffer.alloc(0) };
  if (parameters[0] === 'text') return { ...action, text: unescape(afterVerb) };
  const bar = /(^| )\| ?/.exec(afterVerb);
  const head = bar ? afterVerb.slice(0, bar.index) : afterVerb;
  if (bar) action.body = unescape(afterVerb.slice(bar.index + bar[0].length));
  const tokens = head.match(/"[^"]*"|\S+/g)?.map((token) => token.replace(/^"(.*)"$/, '$1')) ?? [];
  for (const parameter of parameters) {
    if (parameter === 'body') continue;
    if (parameter === 'headers') action.headers = tokens.splice(0).map(parseHeader);
    else action[parameter] = tokens.shift();
  }
  if (tokens.length > 0) throw new Error(`${where}: too much: ${tokens.join(' ')}`);
  return action;
}

function parseHeader(text) {
  const colon = text.indexOf(':');
  return [text.slice(0, colon), text.slice(colon + 1)];
}

function split(text) {
  const space = text.indexOf(' ');
  return space < 0 ? [text, ''] : [text.slice(0, space), text.slice(space + 1).trim()];
}

const CHARACTERS = { n: '\n', r: '\r', 0: '\0', '\\': '\\', s: ' ' };

/**
 * `\n`, `\r`, `\0`, `\s` for a blank at the end, `\\`, `\xHH` for any octet, and `\{N}` for what is before it, N times
 * in all.
 */
function unescape(text) {
  const parts = [];
  for (const part of text.match(/\\x[0-9A-Fa-f]{2}|\\\{\d+\}|\\[nr0s\\]|[^]/gu) ?? []) {
    if (part.startsWith('\\x')) parts.push(Buffer.from(part.slice(2), 'hex'));
    else if (part.startsWith('\\{')) parts.push(...Array(Number(part.slice(2, -1)) - 1).fill(parts.at(-1)));
    else parts.push(Buffer.from(part.length === 2 && part[0] === '\\' ? CHARACTERS[part[1]] : part));
  }
  return Buffer.concat(parts);
}
