import { z } from 'zod';
import { findListedConversation, listConversations, listMessages } from '#shared/db/stores/operations-conversations.ts';
import { answerAsPerson, resume, takeOver } from '#shared/domain/conversations/person.ts';
import { DomainError } from '#shared/domain/errors.ts';
import { orBadCursor } from './answers.ts';
import { route } from './route.ts';
import { contactSchema, idParams, instant, nullableInstant, pageOf, pageShape } from './schemas.ts';

const direction = z.enum(['in', 'out']);
const conversation = z
  .object({
    id: z.string(),
    contact: contactSchema,
    language: z.enum(['es', 'pt', 'en']),
    pausedUntil: nullableInstant,
    unansweredCount: z.int(),
    leftToPersonCount: z.int(),
    lastMessage: z.object({ direction, type: z.string(), text: z.string().nullable(), at: instant }).nullable(),
  })
  .meta({ id: 'Conversation' });

const message = z
  .object({
    id: z.string(),
    direction,
    type: z.string(),
    text: z.string().nullable(),
    choices: z.array(z.string()),
    at: instant,
    state: z.string(),
    delivery: z.string().nullable(),
    failureCode: z.string().nullable(),
    purpose: z.string().nullable(),
    reservationCode: z.string().nullable(),
  })
  .meta({ id: 'Message' });

const paused = z.object({ id: z.string(), pausedUntil: nullableInstant });

/** The chats: read, taken over, answered by a person, given back to the bot. */
export const conversationRoutes = [
  route({
    method: 'GET',
    path: '/conversations',
    name: 'listConversations',
    summary: 'Chats, the one with the newest message first. paused: a person has it; waiting: somebody should answer.',
    query: z.strictObject({
      state: z.enum(['paused', 'waiting']).optional(),
      search: z.string().trim().min(1).max(100).optional(),
      ...pageShape,
    }),
    answer: pageOf(conversation),
    handle: async ({ query: { limit, cursor, ...filter } }, { database }) =>
      orBadCursor(await listConversations(database, filter, { limit, cursor })),
  }),
  route({
    method: 'GET',
    path: '/conversations/:id',
    name: 'getConversation',
    summary: 'One chat with a page of its messages, newest first.',
    params: idParams,
    query: z.strictObject(pageShape),
    answer: conversation.extend({ messages: pageOf(message) }),
    problems: ['conversation_not_found'],
    handle: async ({ params: { id }, query }, { database }) => {
      const found = await findListedConversation(database, id);
      if (!found) throw new DomainError('conversation_not_found');
      return { ...found, messages: orBadCursor(await listMessages(database, id, query)) };
    },
  }),
  route({
    method: 'POST',
    path: '/conversations/:id/take-over',
    name: 'takeOver',
    summary: 'A person takes the chat: the bot is silent in it for so many hours or until it is resumed.',
    params: idParams,
    body: z.strictObject({ hours: z.number().positive().max(168).default(12) }),
    answer: paused,
    problems: ['conversation_not_found', 'nights_busy'],
    handle: ({ params: { id }, body, transact }) =>
      transact(async (stores) => {
        const { pausedUntil } = await takeOver(id, stores, body.hours);
        return { id, pausedUntil: pausedUntil.toISOString() };
      }),
  }),
  route({
    method: 'POST',
    path: '/conversations/:id/resume',
    name: 'resumeConversation',
    summary: 'The bot answers again what comes from now on.',
    params: idParams,
    body: z.strictObject({}),
    answer: paused,
    problems: ['conversation_not_found', 'nights_busy'],
    handle: ({ params: { id }, transact }) =>
      transact(async (stores) => {
        await resume(id, stores);
        return { id, pausedUntil: null };
      }),
  }),
  route({
    method: 'POST',
    path: '/conversations/:id/messages',
    name: 'answerGuest',
    summary: 'A person’s answer to the guest; it takes the chat over if nobody had.',
    params: idParams,
    body: z.strictObject({ text: z.string().trim().min(1).max(4_096) }),
    status: 202,
    answer: paused,
    problems: ['conversation_not_found', 'nights_busy'],
    handle: ({ params: { id }, body: { text }, transact }) =>
      transact(async (stores) => {
        const { pausedUntil } = await answerAsPerson(id, text, stores);
        return { id, pausedUntil: pausedUntil.toISOString() };
      }),
  }),
];
