interface FieldFault {
  readonly pointer: string;
  readonly detail: string;
}

interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly title?: string;
  readonly errors?: readonly FieldFault[];
}

/** A refusal of the API; its message is a sentence for people. */
export class Refusal extends Error {
  readonly code: string;
  /** What is wrong with which field of the body. */
  readonly faults: ReadonlyMap<string, string>;

  constructor({ code = 'UNKNOWN', detail, title, errors = [] }: Problem) {
    super(detail ?? title ?? 'The server could not do that.');
    this.code = code;
    this.faults = new Map(errors.map(({ pointer, detail: wrong }) => [pointer.slice(1), wrong]));
  }
}

interface Options {
  readonly token?: string | undefined;
  readonly body?: object;
}

/** Calls the REST API with a path below `/api/v1`. Throws Refusal, or TypeError where no answer came. */
export async function call<Answer>(method: string, path: string, { token, body }: Options = {}): Promise<Answer> {
  const headers = new Headers();
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  if (body !== undefined) headers.set('content-type', 'application/json');
  const response = await fetch(`/api/v1${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer: unknown = text === '' ? undefined : JSON.parse(text);
  if (!response.ok) throw new Refusal(answer ?? {});
  return answer as Answer;
}

/** A sentence about what went wrong. */
export const sayWhy = (error: unknown): string =>
  error instanceof Refusal ? error.message : 'No answer came. Check the connection and try again.';
