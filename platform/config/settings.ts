import { z } from 'zod';
import { Secret } from './secret.ts';

/**
 * One thing that can be set: its environment variable, how its text is read, its default, and a line for
 * .env.example.
 */
export interface Setting<T> {
  readonly env: string;
  readonly read: z.ZodType<T>;
  readonly fallback: T | undefined;
  readonly doc: string;
  /** The default serves development only: a production start with it is refused. */
  readonly devOnly: boolean;
  /** Having neither default nor value is fine. */
  readonly optional: boolean;
  /** The default as .env.example writes it. */
  readonly example: string;
}

type Make<T> = (env: string, fallback: T, doc: string) => Setting<T>;

const kind =
  <T>(read: z.ZodType<T>): Make<T> =>
  (env, fallback, doc) => ({
    env,
    read,
    fallback,
    doc,
    devOnly: false,
    optional: false,
    example: String(fallback),
  });

export const text = kind(z.coerce.string().min(1));
export const port = kind(z.coerce.number().int().min(0).max(65_535));
export const count = kind(z.coerce.number().int().min(0));
export const ratio = kind(z.coerce.number().min(0).max(1));
export const flag = kind(z.preprocess((value) => ({ true: true, false: false })[String(value)], z.boolean()));
export const decimal = kind(z.coerce.string().regex(/^\d+(\.\d+)?$/, 'must be a plain decimal'));
export const list = kind<readonly string[]>(
  z.preprocess(
    (value): unknown => (Array.isArray(value) ? value : String(value).split(',')),
    z.array(z.string().trim()).transform((items) => items.filter((item) => item !== '')),
  ),
);

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** "15m", "500ms", "168h": read as milliseconds. */
const asText = (ms: number): string => {
  const [unit = 'ms', size = 1] = Object.entries(unitMs).findLast(([, size]) => ms >= size && ms % size === 0) ?? [];
  return `${ms / size}${unit}`;
};

/** "15m", "500ms", "168h": read as milliseconds. */
export const duration = (env: string, fallback: number, doc: string): Setting<number> => ({
  ...durationOf(env, fallback, doc),
  example: asText(fallback),
});

const durationOf = kind(
  z.coerce
    .string()
    .regex(/^\d+(ms|s|m|h|d)$/, 'must be a number with a unit: ms, s, m, h or d')
    .transform((value) => Number.parseInt(value, 10) * (unitMs[value.replace(/\d+/, '')] ?? 1)),
);

const secretText = (minLength: number) =>
  z.coerce
    .string()
    .min(minLength)
    .transform((value) => new Secret(value));

export const secret = (env: string, devFallback: string, doc: string, minLength = 1): Setting<Secret> => ({
  env,
  read: secretText(minLength),
  fallback: new Secret(devFallback),
  doc,
  devOnly: true,
  optional: false,
  example: '',
});

/** A secret that only some deployments set. */
export const optionalSecret = (env: string, doc: string): Setting<Secret | undefined> => ({
  env,
  read: secretText(1),
  fallback: undefined,
  doc,
  devOnly: false,
  optional: true,
  example: '',
});

export const oneOf = <const T extends string>(
  env: string,
  values: readonly [T, ...T[]],
  fallback: T,
  doc: string,
): Setting<T> => ({
  env,
  read: z.enum(values),
  fallback,
  doc: `${doc} (${values.join(' | ')})`,
  devOnly: false,
  optional: false,
  example: fallback,
});
