import { z } from 'zod';
import type { RouteContract } from './route.ts';

export const loginBody = z.strictObject({ email: z.string().min(1).max(320), password: z.string().min(1).max(1_000) });

/** The one route without a bearer. */
export const loginContract = {
  method: 'POST',
  path: '/auth/login',
  name: 'login',
  summary: 'A bearer token for an operator. It lasts an hour; after that log in again.',
  body: loginBody,
  answer: z.object({ token: z.string(), expiresAt: z.iso.datetime() }),
  problems: ['unauthorized', 'too_many_attempts', 'not_found'],
} as const satisfies RouteContract;
