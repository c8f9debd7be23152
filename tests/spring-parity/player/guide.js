// The page of the guide that every difference must be on.

import { readFileSync } from 'node:fs';

const PAGE = new URL('../../../docs/src/differences-from-spring.md', import.meta.url);
const documented = new Set(readFileSync(PAGE, 'utf8').split('\n').flatMap(rulesOfLine));

/** Those of these rules that no line of the page is about. */
export function undocumented(rules) {
  return rules.filter((rule) => !documented.has(rule));
}

/** The first column of a table: `AR-12, HB-1 to HB-6`. */
function rulesOfLine(line) {
  const column = /^\| ([A-Z][^|]*) \|/.exec(line)?.[1] ?? '';
  return column.split(', ').flatMap((entry) => {
    const [, name, first, last] = /^([A-Z]+-)(\d+) to \1(\d+)$/.exec(entry) ?? [];
    if (!name) return [entry];
    const count = Number(last) - Number(first) + 1;
    return Array.from({ length: count }, (_, index) => name + (Number(first) + index));
  });
}
