import { isMap, isNode, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import type { z } from 'zod';
import { DomainError } from '#shared/domain/errors.ts';
import { checkSeasons } from '#shared/domain/lodging/edit-accommodation.ts';
import { lodgingFile, type LodgingFile, type UnitPart } from './schema.ts';
import { toSeasons } from './apply-lodging-file.ts';

/** What is wrong, where: lines are counted from 1. */
export type LodgingFileProblem = { line: number; path: string; problem: string };

/**
 * Reads the text of a lodging file: the file as it is meant, or every problem with its line, in the order of the file. Nothing
 * is looked up; what cannot be right (two units of one name, seasons that overlap) is a problem as well.
 */
export function readLodgingFile(text: string): { file: LodgingFile } | { problems: LodgingFileProblem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const lineAt = (offset: number | undefined): number =>
    offset === undefined ? 1 : Math.max(1, lines.linePos(offset).line);
  const broken = document.errors.map((error) => ({ line: lineAt(error.pos[0]), path: '', problem: error.message }));
  if (broken.length > 0) return { problems: broken };
  const problems = findThousandDots(document, lineAt);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 1_000 });
  } catch (error) {
    return { problems: [{ line: 1, path: '', problem: error instanceof Error ? error.message : 'not readable' }] };
  }
  const parsed = lodgingFile.safeParse(value ?? {});
  if (!parsed.success) problems.push(...parsed.error.issues.flatMap((issue) => toProblems(issue, document, lineAt)));
  else problems.push(...findContradictions(parsed.data, document, lineAt));
  if (problems.length > 0) return { problems: problems.toSorted((a, b) => a.line - b.line) };
  return { file: parsed.data! };
}

type LineAt = (offset: number | undefined) => number;

/** "68.000" is sixty-eight to YAML and sixty-eight thousand to whoever wrote it. */
function findThousandDots(document: Document, lineAt: LineAt): LodgingFileProblem[] {
  const problems: LodgingFileProblem[] = [];
  visit(document, {
    Scalar(key, node) {
      const source = node.source ?? '';
      if (key === 'key' || typeof node.value !== 'number' || !/^-?\d{1,3}(\.\d{3})+$/.test(source)) return;
      const problem = `"${source}" is read as ${String(node.value)}: write ${source.replaceAll('.', '')}`;
      problems.push({ line: lineAt(node.range?.[0]), path: '', problem });
    },
  });
  return problems;
}

function toProblems(issue: z.core.$ZodIssue, document: Document, lineAt: LineAt): LodgingFileProblem[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      line: lineOfKey(document, issue.path, key, lineAt),
      path: [...issue.path, key].join('.'),
      problem: 'is not a key of this file (docs/lodging-file.md)',
    }));
  const problem =
    issue.message.startsWith('Invalid input: expected') && issue.message.endsWith('undefined')
      ? 'is missing'
      : issue.message;
  return [{ line: lineOf(document, issue.path, lineAt), path: issue.path.join('.'), problem }];
}

/** The line of the value at a path; of what would contain it, when it is not there. */
function lineOf(document: Document, path: readonly PropertyKey[], lineAt: LineAt): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lineAt(node.range[0]);
  }
  return lineAt(document.contents?.range?.[0]);
}

function lineOfKey(document: Document, path: readonly PropertyKey[], key: string, lineAt: LineAt): number {
  const map: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  const pair = isMap(map) ? map.items.find((item) => isScalar(item.key) && String(item.key.value) === key) : undefined;
  return isNode(pair?.key) && pair.key.range ? lineAt(pair.key.range[0]) : lineOf(document, path, lineAt);
}

function findContradictions({ units }: LodgingFile, document: Document, lineAt: LineAt): LodgingFileProblem[] {
  const problems: LodgingFileProblem[] = [];
  const add = (path: readonly PropertyKey[], problem: string): void =>
    void problems.push({ line: lineOf(document, path, lineAt), path: path.join('.'), problem });
  units.forEach((unit, index) => {
    if (units.findIndex((other) => fold(other.name) === fold(unit.name)) !== index)
      add(['units', index, 'name'], `two units are called "${unit.name}"`);
    const overlap = findOverlap(unit);
    if (overlap) add(['units', index, 'seasons'], overlap);
  });
  return problems;
}

function findOverlap(unit: UnitPart): string | undefined {
  try {
    checkSeasons(toSeasons(unit));
    return undefined;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const { seasons, night } = error.data as { seasons?: string[]; night?: string };
    return `the seasons ${(seasons ?? []).map((name) => `"${name}"`).join(' and ')} both have the night of ${night ?? '?'}`;
  }
}

function fold(name: string): string {
  return name.trim().toLocaleLowerCase('es');
}
