import { writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import { trace } from '@opentelemetry/api';
import bunyan from 'bunyan';

/** Fields first, message last, as bunyan has it. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Logger;
}

export interface LogOptions {
  readonly name: string;
  readonly level: bunyan.LogLevelString;
  /** Where lines go; standard output when left out. */
  readonly stream?: NodeJS.WritableStream;
}

/**
 * Fields that may be logged as they are. Anything else is replaced by its type: a field must be thought about before
 * its content reaches a log, since logs are read by more people than the books are.
 */
export const loggedFields: ReadonlySet<string> = new Set(
  (
    'account_id action activity address addresses aggregate amount asset assets attempt attempts batch book_seq ' +
    'bytes case_id check code command_id commands component consumer count cursor delay_ms depth duration_ms ' +
    'epoch error event_id events expected factor facts finding from group held host http_status id ids kind lag ' +
    'lag_ms market markets message method moved name namespace officer open order_id orders outcome path port ' +
    'process queue reason remote_address request_id route rows sequence service session_id signal size ' +
    'snapshot_id state statement status stream subject subjects symbol symbols task_queue time_ms to trace_id ' +
    'trade_id trade_seq trades type url user_id version waiting workflow_id workflow_type'
  ).split(' '),
);

/** What may be logged of an error: never its details, which can carry a caller's input or a row. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { name: typeof error };
  const code = (error as { code?: unknown }).code;
  return {
    name: error.name,
    message: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}

const redact = (fields: object): object =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]: [string, unknown]) => {
      if (name === 'err') return [name, describeError(value)];
      return [name, loggedFields.has(name) ? value : `[${typeof value}]`];
    }),
  );

const traceFields = (): object => {
  const span = trace.getActiveSpan()?.spanContext();
  return span === undefined ? {} : { trace_id: span.traceId };
};

/**
 * Standard output, which may be a file on a full disk: lines are lost then, where Node's own stream would break for
 * good and its error end the process.
 */
const createOutput = (): Writable =>
  new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      try {
        writeSync(1, line);
      } catch {
        // Where should it be told?
      }
      done();
    },
  });

/** A JSON logger (bunyan) that adds the active trace's id to each line and lets through allow-listed fields only. */
export function createLogger({ name, level, stream }: LogOptions): Logger {
  return wrap(bunyan.createLogger({ name, level, stream: stream ?? createOutput() }));
}

/** Logs nothing: for tests and tools. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

const wrap = (log: bunyan): Logger => ({
  debug(fields, message) {
    // Most of what is said at this level is dropped, request for request: it must cost nothing then.
    if (log.level() <= bunyan.DEBUG) log.debug({ ...traceFields(), ...redact(fields) }, message);
  },
  info: (fields, message) => log.info({ ...traceFields(), ...redact(fields) }, message),
  warn: (fields, message) => log.warn({ ...traceFields(), ...redact(fields) }, message),
  error: (fields, message) => log.error({ ...traceFields(), ...redact(fields) }, message),
  child: (fields) => wrap(log.child(redact(fields))),
});
