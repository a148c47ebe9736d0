import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject } from 'zod-openapi';
import type { ErrorCode } from '../domain/errors.ts';
import { Problem } from './common.ts';
import { errorCatalogue } from './error-catalogue.ts';
import { keyPattern, type Operation } from './operation.ts';

/** What any route may answer beside its own refusals. */
const common: readonly ErrorCode[] = ['INVALID_REQUEST', 'RATE_LIMITED', 'UNAVAILABLE'];
const withBody: readonly ErrorCode[] = ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'];
const withKey: readonly ErrorCode[] = ['IDEMPOTENCY_CONFLICT', 'IDEMPOTENCY_IN_PROGRESS'];
const withLogin: readonly ErrorCode[] = ['UNAUTHENTICATED', 'FORBIDDEN'];

/** The OpenAPI 3.1 document of a table of operations. */
export function createOpenApi(title: string, operations: Readonly<Record<string, Operation>>): object {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const [id, described] of Object.entries(operations)) {
    const path = `/api/v1${described.path}`;
    paths[path] = { ...paths[path], [described.method.toLowerCase()]: describe(id, described) };
  }
  return createDocument({
    openapi: '3.1.1',
    info: { title, version: '1.0.0', license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    paths: paths,
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
  });
}

function describe(id: string, described: Operation): ZodOpenApiOperationObject {
  const { method, summary, tag, access, params, query, body, status, reply, csv, idempotency } = described;
  const keyed = method !== 'GET' && idempotency !== 'own';
  const header = {
    name: 'Idempotency-Key',
    in: 'header',
    schema: { type: 'string', pattern: keyPattern.source },
  } as const;
  const success = { description: 'Success', ...(reply && { content: contentOf(reply, csv) }), ...(csv && nextLink) };
  return {
    operationId: id,
    summary,
    tags: [tag],
    ...(access === 'none' ? {} : { security: [{ bearer: [] }] }),
    ...(params || query ? { requestParams: { ...(params && { path: params }), ...(query && { query }) } } : {}),
    ...(keyed ? { parameters: [{ ...header, required: idempotency === 'required' }] } : {}),
    ...(body
      ? { requestBody: { required: !body.safeParse({}).success, content: { 'application/json': { schema: body } } } }
      : {}),
    responses: {
      [status]: success,
      ...(described.maybeLater ? { 202: { ...success, description: 'Committed, and still on its way' } } : {}),
      ...refusals(described),
    },
  };
}

const contentOf = (reply: z.ZodType, csv: readonly string[] | undefined) => ({
  'application/json': { schema: reply },
  ...(csv && {
    'text/csv': { schema: { type: 'string', description: `RFC 4180; the first row is ${csv.join()}` } as const },
  }),
});

const nextLink = {
  headers: {
    Link: { description: 'With CSV: the next page (rel="next"), if there is one', schema: { type: 'string' } as const },
  },
};

function refusals(described: Operation): Record<string, object> {
  const codes = new Set<ErrorCode>([
    ...common,
    ...(described.body ? withBody : []),
    ...(described.method === 'GET' ? [] : withKey),
    ...(described.idempotency === 'required' ? (['IDEMPOTENCY_KEY_REQUIRED'] as const) : []),
    ...(described.access === 'none' ? [] : withLogin),
    ...(described.refusals ?? []),
  ]);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { http } = errorCatalogue[code];
    byStatus.set(http, [...(byStatus.get(http) ?? []), code]);
  }
  const answers = [...byStatus].map(([http, list]) => [
    http,
    { description: list.join(', '), content: problemOf(list) },
  ]);
  return Object.fromEntries(answers) as Record<string, object>;
}

/** A problem with one of these codes, so that clients know which to expect. */
const problemOf = (codes: readonly ErrorCode[]) => ({
  'application/problem+json': { schema: Problem.and(z.looseObject({ code: z.enum(codes) })) },
});
