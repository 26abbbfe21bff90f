import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { DomainErrorCode, DomainError } from '#shared/domain/errors.ts';
import type { Stores } from '#shared/domain/ports.ts';
import type { Operator } from '../auth/operators.ts';
import type { Desk } from '../desk.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** Refusals of the API itself, beside those of the business. */
export type ApiProblemCode = 'not_found' | 'unauthorized' | 'too_many_attempts' | 'vendor_unavailable';

/**
 * Runs work in one transaction. For a POST with an `Idempotency-Key` the answer commits with what it tells of, and the same
 * request again gets it again without running. Work that gives a DomainError back commits what it noted (a refusal is counted)
 * and refuses; work that throws one leaves nothing.
 */
export type Transact = <T>(work: (stores: Stores) => Promise<T | DomainError>) => Promise<T>;

export type RouteInput<P, Q, B> = {
  params: P;
  query: Q;
  body: B;
  operator: Operator;
  transact: Transact;
  /** Aborts when the caller hangs up. */
  signal: AbortSignal;
};

type Shape = z.ZodObject | undefined;
type Output<S> = S extends z.ZodType ? z.output<S> : undefined;
type Input<S> = S extends z.ZodType ? z.input<S> : undefined;

/** What a route states: everything that a caller may send and may get. */
type Contract<P extends Shape, Q extends Shape, B extends z.ZodType | undefined, R extends z.ZodType | undefined> = {
  method: Method;
  /** Below /api/v1, parameters as `:name`. */
  path: string;
  /** Becomes the name of the operation in openapi.json. */
  name: string;
  summary: string;
  params?: P;
  query?: Q;
  body?: B;
  /** Of the good answer; default 200. */
  status?: 200 | 201 | 202 | 204;
  /** Undefined: no body. */
  answer?: R;
  /** The good answer is CSV, not JSON. */
  isCsv?: true;
  /** Codes that it may refuse with, beside those that every route has. */
  problems?: readonly (DomainErrorCode | ApiProblemCode)[];
};

/** A route without its handler: all that openapi.json tells. */
export type RouteContract = Contract<Shape, Shape, z.ZodType | undefined, z.ZodType | undefined>;

/** A route with its handler, as the table holds it: its types were checked where it was written. */
export type Route = RouteContract & {
  handle(input: RouteInput<never, never, never>, desk: Desk): Promise<unknown>;
};

/** States a route: the handler gets what the schemas give and must give what the answer's schema takes. */
export function route<
  P extends Shape = undefined,
  Q extends Shape = undefined,
  B extends z.ZodType | undefined = undefined,
  R extends z.ZodType | undefined = undefined,
>(
  contract: Contract<P, Q, B, R> & {
    handle(
      input: RouteInput<Output<P>, Output<Q>, Output<B>>,
      desk: Desk,
    ): Promise<R extends z.ZodType ? Input<R> : Readable | void>;
  },
): Route {
  return contract as unknown as Route;
}
