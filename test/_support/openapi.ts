import { Ajv2020 } from 'ajv/dist/2020.js';

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Responses }>>>>;
}
type Responses = Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;

/** What an OpenAPI document has against an answer, or undefined. */
export type Judge = (path: string, method: string, answer: Response) => Promise<string | undefined>;

/** Holds answers against an OpenAPI 3.1 document: status, media type and body. `path` is as the document has it. */
export function createJudge(document: object): Judge {
  const ajv = new Ajv2020({ strict: false, validateFormats: false }).addSchema(document, 'openapi');
  const escape = (part: string): string => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
  return async (path, method, answer) => {
    const asked = `${method} ${path}`;
    const verb = method.toLowerCase();
    const documented = (document as OpenApi).paths[path]?.[verb]?.responses[answer.status];
    if (documented === undefined) return `${asked}: ${answer.status} is not documented`;
    if (documented.content === undefined) return undefined;
    const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
    if (!(type in documented.content)) return `${asked}: ${answer.status} of type ${type} is not documented`;
    const place = ['paths', path, verb, 'responses', String(answer.status), 'content', type, 'schema'];
    const validate = ajv.compile({ $ref: `openapi#/${place.map(escape).join('/')}` });
    if (validate(await answer.json())) return undefined;
    return `${asked}: ${answer.status} is not as its schema says: ${ajv.errorsText(validate.errors)}`;
  };
}
