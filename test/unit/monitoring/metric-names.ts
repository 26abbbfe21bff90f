/** A metric that an expression asks for, with the labels that its selector names. */
export type Selector = { metric: string; labels: string[] };

/** Words of PromQL that stand where a metric could. */
const keywords = new Set([
  'and',
  'or',
  'unless',
  'on',
  'by',
  'without',
  'ignoring',
  'group_left',
  'group_right',
  'bool',
  'offset',
  'inf',
  'nan',
]);

/**
 * The metrics that a PromQL expression selects: names that are neither functions, nor words of the language, nor labels of a
 * grouping. Enough for rules and panels; no parser of the language.
 */
export function selectorsOf(expression: string): Selector[] {
  const bare = expression
    .replaceAll(/\[[^\]]*\]/g, ' ') // ranges
    .replaceAll(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ');
  const found: Selector[] = [];
  for (const match of bare.matchAll(/(?<![\w"'$:])([a-zA-Z_:][\w:]*)\s*(\{[^}]*\}|\()?/g)) {
    const [, name = '', next = ''] = match;
    if (next === '(' || keywords.has(name.toLowerCase()) || isInString(bare, match.index)) continue;
    found.push({
      metric: name,
      labels: Array.from(next.matchAll(/([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)/g), ([, label = '']) => label),
    });
  }
  return found.filter(({ metric }) => /[a-z]/.test(metric));
}

/** Inside the braces of a selector or between quotes there are no metrics. */
function isInString(text: string, index: number): boolean {
  const before = text.slice(0, index);
  return before.lastIndexOf('{') > before.lastIndexOf('}') || (before.match(/"/g)?.length ?? 0) % 2 === 1;
}

/** What a scrape offers: each metric's type, and the labels of the samples it has. */
export type Scrape = Map<string, { type: string; labels: Set<string> }>;

/** Reads the text of a scrape. */
export function readScrape(text: string): Scrape {
  const offered: Scrape = new Map();
  for (const [, name = '', type = ''] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm))
    offered.set(name, { type, labels: new Set() });
  for (const [, name = '', labels = ''] of text.matchAll(/^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/gm)) {
    const known = offered.get(name) ?? offered.get(name.replace(/_(bucket|sum|count)$/, ''));
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known?.labels.add(label);
  }
  return offered;
}

/** The metric behind a name: itself, or the histogram of which it is a part. */
export function findMetric(offered: Scrape, name: string): { type: string; labels: Set<string> } | undefined {
  const whole = offered.get(name);
  if (whole) return whole.type === 'histogram' ? undefined : whole; // a histogram's own name selects nothing
  const part = /^(.+)_(bucket|sum|count)$/.exec(name);
  const histogram = part ? offered.get(part[1] ?? '') : undefined;
  return histogram && ['histogram', 'summary'].includes(histogram.type) ? histogram : undefined;
}
