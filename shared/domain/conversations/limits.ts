/** WhatsApp's limits that shape what we say (rules.md, Conversation), counted in code points. */
export const limits = {
  text: 4096,
  interactiveBody: 1024,
  buttons: 3,
  buttonTitle: 20,
  rows: 10,
  rowTitle: 24,
  rowDescription: 72,
  sectionTitle: 24,
  caption: 1024,
} as const;

const graphemes = new Intl.Segmenter('es', { granularity: 'grapheme' });

export function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** Cut to `limit` code points with an ellipsis, never through an accented letter or an emoji. */
export function cut(text: string, limit: number): string {
  if (countCodePoints(text) <= limit) return text;
  let kept = '';
  let count = 0;
  for (const { segment } of graphemes.segment(text)) {
    const size = countCodePoints(segment);
    if (count + size > limit - 1) break;
    kept += segment;
    count += size;
  }
  return `${kept.trimEnd()}…`;
}

/** Titles of one line within `limit`, kept different from each other: WhatsApp refuses twins. */
export function distinctTitles(titles: readonly string[], limit: number): string[] {
  const taken = new Set<string>();
  return titles.map((wanted) => {
    const line = wanted.replaceAll(/\s+/gu, ' ').trim() || '…';
    let title = cut(line, limit);
    for (let n = 2; taken.has(title.toLowerCase()); n++) title = `${cut(line, limit - ` ${n}`.length)} ${n}`;
    taken.add(title.toLowerCase());
    return title;
  });
}
