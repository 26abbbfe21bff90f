import { z } from 'zod';
import type { DomainErrorCode } from '#shared/domain/errors.ts';
import { domainStatus } from '../problem.ts';
import { loginContract } from './login.ts';
import type { ApiProblemCode, RouteContract } from './route.ts';

type Json = Record<string, unknown>;

/** The document's own route; it is served from memory. */
export const openApiContract = {
  method: 'GET',
  path: '/openapi.json',
  name: 'getOpenApi',
  summary: 'This document.',
  answer: z.looseObject({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) }),
} as const satisfies RouteContract;

const apiStatus: Record<ApiProblemCode, number> = {
  not_found: 404,
  unauthorized: 401,
  too_many_attempts: 429,
  vendor_unavailable: 502,
};

/** The status of a refusal, as every route answers it. */
export function statusOf(code: DomainErrorCode | ApiProblemCode): number {
  return code in apiStatus ? apiStatus[code as ApiProblemCode] : domainStatus[code as DomainErrorCode];
}

/**
 * OpenAPI 3.1 of the operators' API, made from the schemas that parse its requests and answers: paths under /api/v1 alone.
 * Schemas with an id become components.
 */
export function toOpenApi(contracts: readonly RouteContract[]): Json {
  const components: Json = { Problem: problemSchema };
  const paths: Record<string, Json> = {};
  for (const contract of contracts) {
    const path = `/api/v1${contract.path.replaceAll(/:(\w+)/g, '{$1}')}`;
    paths[path] = { ...paths[path], [contract.method.toLowerCase()]: toOperation(contract, components) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Posada: the operators’ API',
      version: '1',
      description:
        'Money is whole cents beside a currency, dates are YYYY-MM-DD in the lodging’s zone, instants ISO 8601 in UTC.',
    },
    paths,
    components: {
      schemas: components,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
    security: [{ bearer: [] }],
  };
}

const problemSchema: Json = {
  type: 'object',
  description: 'RFC 9457, with a stable code.',
  required: ['type', 'title', 'status', 'code'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string' },
    correlationId: { type: 'string' },
    data: { type: 'object' },
    issues: { type: 'array', items: { type: 'object' } },
  },
};

function toOperation(contract: RouteContract, components: Json): Json {
  const isLogin = contract.path === loginContract.path;
  const parameters = [
    ...toParameters(contract.params, 'path', components),
    ...toParameters(contract.query, 'query', components),
    ...(contract.method === 'POST' && !isLogin ? [idempotencyKey] : []),
  ];
  return {
    operationId: contract.name,
    summary: contract.summary,
    ...(isLogin ? { security: [] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(contract.body ? { requestBody: toRequestBody(contract.body, components) } : {}),
    responses: toResponses(contract, components),
  };
}

const idempotencyKey: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same request with the same key gets the first answer again, for a day.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

function toParameters(schema: z.ZodObject | undefined, place: 'path' | 'query', components: Json): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = toSchema(schema, 'input', components) as {
    properties?: Json;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

function toRequestBody(schema: z.ZodType, components: Json): Json {
  const isRequired = !schema.safeParse({}).success;
  return { required: isRequired, content: { 'application/json': { schema: toSchema(schema, 'input', components) } } };
}

function toResponses(contract: RouteContract, components: Json): Json {
  const status = String(contract.status ?? 200);
  const good = contract.isCsv
    ? { content: { 'text/csv': { schema: { type: 'string' } } } }
    : contract.answer
      ? { content: { 'application/json': { schema: toSchema(contract.answer, 'output', components) } } }
      : {};
  const responses: Json = { [status]: { description: contract.summary, ...good } };
  for (const [problemStatus, codes] of groupProblems(contract))
    responses[problemStatus] = {
      description: [...codes].toSorted().join(', '),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    };
  return responses;
}

/** Codes by status: the route's own and those that every route has. */
function groupProblems(contract: RouteContract): Map<string, Set<string>> {
  const groups = new Map<string, Set<string>>();
  const add = (status: number, code: string): void => {
    const group = groups.get(String(status)) ?? new Set();
    groups.set(String(status), group.add(code));
  };
  add(401, 'unauthorized');
  add(429, 'too_many_requests');
  add(503, 'database_unavailable');
  if (contract.params || contract.query || contract.body) add(400, 'invalid_request');
  if (contract.body) {
    add(400, 'invalid_json');
    add(413, 'body_too_large');
    add(415, 'unsupported_media_type');
  }
  if (contract.method === 'POST' && contract.path !== loginContract.path) {
    add(400, 'invalid_idempotency_key');
    add(409, 'request_in_progress');
    add(409, 'answer_erased');
    add(422, 'idempotency_key_reused');
  }
  for (const code of contract.problems ?? []) add(statusOf(code), code);
  return groups;
}

/** A JSON schema whose named parts lie among the components. */
function toSchema(schema: z.ZodType, io: 'input' | 'output', components: Json): Json {
  const {
    $schema: _,
    $defs = {},
    ...json
  } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json & { $defs?: Json };
  for (const [name, definition] of Object.entries($defs)) components[name] = rename(definition);
  return rename(json) as Json;
}

function rename(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rename);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string' ? inner.replace('#/$defs/', '#/components/schemas/') : rename(inner),
    ]),
  );
}
