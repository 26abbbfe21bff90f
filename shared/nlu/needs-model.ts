import { longestModelText } from '#shared/domain/conversations/model-answer.ts';
import type { Understanding } from '#shared/domain/conversations/understanding.ts';
import { foldText } from './fold-text.ts';
import { readTokens } from './tokenise.ts';

/**
 * Are the rules unsure of a text, so that a language model may help? When they found nothing in it, or when somebody looks for
 * a place and names a time that they could not read. What they read in two ways is asked of the guest instead.
 */
export function needsModel(text: string, said: Understanding): boolean {
  if (text.length > longestModelText) return false;
  const { tokens } = readTokens(foldText(text), said.language);
  const wordCount = tokens.filter((token) => !token.isMark && token.digits === 0 && token.text.length > 1).length;
  if (wordCount < 2) return false;
  if (said.intent === 'unknown') return true;
  const hasDates = said.checkIn ?? said.checkOut ?? said.window ?? said.dateProblem ?? said.nights;
  const isSearch = said.intents.some((intent) => intent === 'availability' || intent === 'price' || intent === 'book');
  if (!isSearch || hasDates !== null) return false;
  return tokens.some(({ month, weekday }) => month !== undefined || weekday !== undefined);
}
