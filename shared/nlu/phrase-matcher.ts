import type { Token } from './tokenise.ts';

/**
 * A pattern is words with spaces between: `a|b` either, `stem*` a beginning, `..` up to four words in between,
 * `^` the beginning of the message or of what follows a greeting, `$` its end.
 */
export type Phrase<T> = { steps: Step[]; value: T; isAnchored: boolean };
type Step = { kind: 'word'; exact: Set<string>; stems: string[] } | { kind: 'gap' } | { kind: 'end' };

/** Patterns arranged by how they begin, so that a message only meets those that can match. */
export type PhraseIndex<T> = {
  byWord: Map<string, Phrase<T>[]>;
  byStem: Map<string, Phrase<T>[]>;
  vocabulary: Set<string>;
};

export type PhraseMatch<T> = { value: T; from: number; to: number };

/** Compiles patterns; a stem has at least three letters. */
export function indexPhrases<T>(patterns: Iterable<readonly [string, T]>): PhraseIndex<T> {
  const index: PhraseIndex<T> = { byWord: new Map(), byStem: new Map(), vocabulary: new Set() };
  const add = (map: Map<string, Phrase<T>[]>, key: string, phrase: Phrase<T>): void => {
    const list = map.get(key);
    if (list) list.push(phrase);
    else map.set(key, [phrase]);
  };
  for (const [pattern, value] of patterns) {
    const parts = pattern.trim().split(/\s+/);
    const isAnchored = parts[0] === '^';
    const steps = (isAnchored ? parts.slice(1) : parts).map(toStep);
    const phrase = { steps, value, isAnchored };
    for (const step of steps) {
      if (step.kind !== 'word') continue;
      for (const word of [...step.exact, ...step.stems]) index.vocabulary.add(word);
    }
    const first = steps[0]!;
    if (first.kind !== 'word') throw new Error(`pattern begins with no word: ${pattern}`);
    for (const word of first.exact) add(index.byWord, word, phrase);
    for (const stem of first.stems) add(index.byStem, stem.slice(0, 3), phrase);
  }
  return index;
}

function toStep(part: string): Step {
  if (part === '..') return { kind: 'gap' };
  if (part === '$') return { kind: 'end' };
  const words = part.split('|');
  return {
    kind: 'word',
    exact: new Set(words.filter((word) => !word.endsWith('*'))),
    stems: words.filter((word) => word.endsWith('*')).map((word) => word.slice(0, -1)),
  };
}

/** Every place where a pattern begins to match; `starts` are the tokens where `^` may stand. */
export function matchPhrases<T>(index: PhraseIndex<T>, tokens: Token[], starts: ReadonlySet<number>): PhraseMatch<T>[] {
  const matches: PhraseMatch<T>[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const { text, isMark } = tokens[i]!;
    if (isMark && text !== "'") continue;
    for (const list of [index.byWord.get(text), index.byStem.get(text.slice(0, 3))]) {
      if (!list) continue;
      for (const phrase of list) {
        if (phrase.isAnchored && !starts.has(i)) continue;
        const to = matchAt(phrase.steps, 0, tokens, i);
        if (to >= 0) matches.push({ value: phrase.value, from: i, to });
      }
    }
  }
  return matches;
}

const maxGap = 4;

function matchAt(steps: Step[], from: number, tokens: Token[], at: number): number {
  let next = at;
  for (let k = from; k < steps.length; k++) {
    const step = steps[k]!;
    if (step.kind === 'end') {
      while (next < tokens.length && tokens[next]!.isMark) next++;
      return next >= tokens.length ? next : -1;
    }
    if (step.kind === 'gap') {
      for (let skipped = 0, place = next; skipped <= maxGap && place < tokens.length; place++) {
        const end = matchAt(steps, k + 1, tokens, place);
        if (end >= 0) return end;
        if (!tokens[place]!.isMark) skipped++;
        else if ('.?!'.includes(tokens[place]!.text)) return -1;
      }
      return -1;
    }
    while (next < tokens.length && tokens[next]!.isMark && next > at) next++;
    const text = tokens[next]?.text;
    if (text === undefined || !(step.exact.has(text) || step.stems.some((stem) => text.startsWith(stem)))) return -1;
    next++;
  }
  return next;
}
