import type { ConversationState, GuestMessage, Language, Look } from '#shared/domain/conversations/conversation.ts';
import { modelBudget, type ModelAnswer } from '#shared/domain/conversations/model-answer.ts';
import { readMessage } from '#shared/domain/conversations/read-message.ts';
import type { Understanding, UnderstandOptions } from '#shared/domain/conversations/understanding.ts';
import type { Stores } from '#shared/domain/ports.ts';
import type { CalendarDate } from '#shared/domain/stay.ts';
import { applyModelAnswer } from '#shared/nlu/apply-model-answer.ts';
import { needsModel } from '#shared/nlu/needs-model.ts';
import { understand } from '#shared/nlu/understand.ts';
import type { WorkerDeps } from '../deps.ts';

/** What a language model said of a message, by the message's id; null: asked in vain, or not to be asked. */
export type ModelAnswers = Map<string, ModelAnswer | null>;

/** What waits, seen without a lock. */
type Seen = { contactId: string; state: ConversationState; language: Language; messages: readonly GuestMessage[] };
type Question = { messageId: string; callId: string; text: string; today: CalendarDate; language: Language };

/** Texts of one guest that are put to the model in one go; the rules read the others alone. */
const mostAtOnce = 2;

/** What a text says by the rules, with a model's answer laid under it where there is one. */
export function understandWith(
  text: string,
  options: UnderstandOptions,
  answer: ModelAnswer | null | undefined,
): Understanding {
  const said = understand(text, options);
  return answer ? applyModelAnswer(text, said, answer, options) : said;
}

/**
 * Before the transaction that answers: asks the language model about texts that neither the rules nor the conversation can
 * make anything of, within the contact's budget and 4 s, with no transaction open. Answers are added to `answers`; the
 * transaction reads the messages again and takes from them what the text supports. Without `NLU_MODEL` it does nothing.
 */
export async function refineMessages(
  peek: (stores: Stores) => Promise<Seen | undefined>,
  answers: ModelAnswers,
  { reader, inTransaction, log }: Pick<WorkerDeps, 'reader' | 'inTransaction' | 'log'>,
  signal: AbortSignal,
): Promise<void> {
  if (!reader) return;
  const questions = await inTransaction((stores) => listQuestions(peek, answers, stores));
  const asked = await Promise.all(
    questions.map(async (question) => ({ question, ...(await reader.read(question.text, question, signal)) })),
  );
  if (asked.length === 0) return;
  for (const { question, answer, outcome } of asked) {
    answers.set(question.messageId, answer);
    if (outcome !== 'answered') log.warn({ messageId: question.messageId, outcome }, 'the language model did not help');
  }
  await inTransaction(async ({ modelCalls }) => {
    for (const { question, tokens } of asked) await modelCalls.finish(question.callId, tokens);
  });
}

async function listQuestions(
  peek: (stores: Stores) => Promise<Seen | undefined>,
  answers: ModelAnswers,
  stores: Stores,
): Promise<Question[]> {
  const seen = await peek(stores);
  if (!seen) return [];
  const look = { accommodations: await stores.lodging.listAccommodations() };
  const questions: Question[] = [];
  for (const message of seen.messages) {
    if (answers.has(message.id) || questions.length === mostAtOnce || !isPuzzling(message, seen.state, look)) continue;
    const callId = await stores.modelCalls.begin(seen.contactId, modelBudget);
    answers.set(message.id, null);
    if (callId === null) break;
    const { language } = message.understanding;
    questions.push({ messageId: message.id, callId, text: message.text!, today: stores.today, language });
  }
  return questions;
}

/** Nothing in it that the rules or, by the units' names and what was asked, the conversation understand. */
function isPuzzling(message: GuestMessage, state: ConversationState, look: Pick<Look, 'accommodations'>): boolean {
  if (message.choiceId !== null || !message.text || !needsModel(message.text, message.understanding)) return false;
  if (message.understanding.intent !== 'unknown') return true;
  const { wishes, mentionedSlots } = readMessage(state, message, look as Look);
  return !mentionedSlots && wishes.every(({ type }) => type === 'unknown');
}
