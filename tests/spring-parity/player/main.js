// node player/main.js [--only TEXT] SPRING.jar RUST-BINARY

import { undocumented } from './guide.js';
import { readScenarios } from './scenarios.js';
import { differences } from './compare.js';
import { play } from './play.js';
import { startServer } from './server.js';

/**
 * Spring may try again: it has races, such as an ERROR that is lost when its session is closed while another frame is
 * written. Ours has one try.
 */
const TRIES_OF_SPRING = 3;

const words = process.argv.slice(2);
const only = words[0] === '--only' ? words.splice(0, 2)[1] : '';
const [jar, binary] = words;

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const all = readScenarios(new URL('../scenarios/', import.meta.url));
const scenarios = all.filter(({ title, where, rules }) => `${where} ${title} ${rules.join(' ')}`.includes(only));
const results = [];
for (const isOrdered of [true, false]) {
  for (const isRefusing of [false, true]) {
    const chosen = scenarios.filter(
      ({ options }) =>
        options.has('without order') !== isOrdered && options.has('refusing unknown destinations') === isRefusing,
    );
    if (chosen.length > 0) await playAll(chosen, isOrdered, isRefusing);
  }
}

const count = (verdict) => results.filter((result) => result.verdict === verdict).length;
const [same, declared, failed] = ['same', 'differs as declared', 'FAIL'].map(count);
console.log(
  `\n${results.length} scenarios: ${same} same, ${declared} differ as declared, ${failed} failed`,
);
process.exit(failed > 0 || results.length === 0 ? 1 : 0);

async function playAll(chosen, isOrdered, isRefusing) {
  const spring = startServer('Spring', ['java', '-jar', jar, `--parity.preserve-order=${isOrdered}`], {
    ignoresSessions: true,
  });
  const ours = startServer('stomp-rs', [binary, ...(isRefusing ? ['--refuse-unknown'] : [])], {
    ignoresSessions: false,
  });
  const servers = await Promise.all([spring, ours]);
  for (const scenario of chosen) results.push(await compare(scenario, ...servers));
  await Promise.all(servers.map((server) => server.stop()));
}

async function compare(scenario, spring, ours) {
  let verdict;
  let details = [];
  try {
    const own = await play(scenario, ours);
    if (process.env.PARITY_TRANSCRIPTS) console.log(own.join('\n'));
    for (let attempt = 0; attempt < TRIES_OF_SPRING; attempt++) {
      [verdict, details] = judge(scenario, await play(scenario, spring), own);
      if (verdict !== 'FAIL') break;
    }
  } catch (error) {
    [verdict, details] = ['FAIL', [error.stack]];
  }
  const rules = [...scenario.rules, ...scenario.differences.flatMap((difference) => difference.rules)];
  console.log(`${verdict.padEnd(20)} ${scenario.title.padEnd(72)} ${[...new Set(rules)].join(' ')}`);
  for (const line of details) console.log(`    ${line}`);
  if (verdict === 'FAIL') console.log(`    at scenarios/${scenario.where}`);
  return { scenario, verdict };
}

function judge(scenario, theirs, own) {
  const found = differences(theirs, own);
  const declared = scenario.differences.flatMap((difference) => difference.lines);
  const isSilent = [...theirs, ...own].every((line) => line.startsWith('>'));
  if (isSilent !== scenario.options.has('silent')) {
    return ['FAIL', [isSilent ? 'no client gets anything; say `silent` if that is the point' : 'it is not silent']];
  }
  const rules = scenario.differences.flatMap((difference) => undocumented(difference.rules));
  if (rules.length > 0) {
    return ['FAIL', [`the page "Differences from Spring" has no line about ${rules.join(', ')}`]];
  }
  if (scenario.differences.some((difference) => difference.lines.length === 0)) {
    return ['FAIL', ['found:', ...found, 'declared is a difference without any lines']];
  }
  if (found.join('\n') !== declared.join('\n')) {
    const context = ['found:', ...found, 'declared:', ...declared, 'Spring:', ...theirs];
    return ['FAIL', context];
  }
  return [found.length > 0 ? 'differs as declared' : 'same', []];
}
