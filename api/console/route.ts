import type { Context } from 'koa';
import type { z } from 'zod';
import { DomainError } from '#shared/domain/errors.ts';
import type { Desk } from '../desk.ts';
import { rawBodyOf } from '../middleware/raw-body.ts';
import type { Page } from './layout.ts';
import type { Clock } from './parts.ts';
import type { Session } from './session.ts';

/** A request of an operator who is logged in. */
export type ConsoleRequest = {
  ctx: Context;
  desk: Desk;
  session: Session;
  /** The lodging's clock, by the database's. */
  clock: Clock;
  params: Record<string, string>;
  /** The query, each name once. */
  query: Record<string, string>;
  /** The fields of a form, several of one name in order; empty for a GET. */
  form: URLSearchParams;
};

/** What a route answers: a page, another address (after a form), or undefined when it wrote the answer itself. */
export type Answer =
  | { page: Page; status?: number; problem?: string }
  | { seeOther: string; done?: string; problem?: string }
  | { missing: string }
  | undefined;

export type ConsoleRoute = {
  method: 'GET' | 'POST';
  /** Below /console. */
  path: string;
  handle(request: ConsoleRequest): Promise<Answer>;
};

export const get = (path: string, handle: ConsoleRoute['handle']): ConsoleRoute => ({ method: 'GET', path, handle });
export const post = (path: string, handle: ConsoleRoute['handle']): ConsoleRoute => ({ method: 'POST', path, handle });

/** The fields of a form's body; a body that is none is an empty form. */
export function readForm(ctx: Context): URLSearchParams {
  return ctx.is('application/x-www-form-urlencoded')
    ? new URLSearchParams(rawBodyOf(ctx).toString('utf8'))
    : new URLSearchParams();
}

/** The fields of a form by a schema, each name once; undefined when they do not fit. */
export function parseForm<S extends z.ZodType>(form: URLSearchParams, schema: S): z.output<S> | undefined {
  const parsed = schema.safeParse(Object.fromEntries(form));
  return parsed.success ? parsed.data : undefined;
}

/** Runs what a form asks for; a refusal of the business is shown on the page that `back` leads to. */
export async function act(back: string, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { seeOther: back, problem: error.code };
  }
}

/** The code of a refusal; throws what is none. */
export function refusalOf(error: unknown): string {
  if (error instanceof DomainError) return error.code;
  throw error;
}

/** The address with these values of the query set, or taken out where undefined; order as given. */
export function withQuery(path: string, query: Record<string, string | readonly string[] | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    for (const each of value === undefined ? [] : [value].flat()) if (each !== '') search.append(name, each);
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}
