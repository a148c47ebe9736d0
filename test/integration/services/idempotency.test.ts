import anyTest, { type TestFn } from 'ava';
import { DomainError } from '../../../domain/errors.ts';
import { createIds } from '../../../platform/ids.ts';
import { createIdempotencyService, type IdempotencyService } from '../../../services/idempotency.ts';
import { createTestDatabase, type TestDatabase } from '../../_support/database.ts';

const test = anyTest as TestFn<{ database: TestDatabase; service: IdempotencyService; advance: (ms: number) => void }>;

test.before(async (t) => {
  const database = await createTestDatabase();
  let ms = Date.now();
  const clock = () => new Date(ms);
  const service = createIdempotencyService({
    db: database.db,
    clock,
    newId: createIds(clock),
    isUsedElsewhere: async (_caller, key) => key === 'of an order',
  });
  t.context = { database, service, advance: (by) => (ms += by) };
});
test.after.always(({ context }) => context.database.drop());

const asked = (key: string, more: object = {}) => ({
  caller: 'alice',
  key,
  operation: 'register',
  contentHash: 'hash',
  exclusive: true,
  ...more,
});
const created = (body: unknown = { id: 1 }) => ({ status: 201, body });
const keepAll = () => true;

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => (error instanceof DomainError ? error.code : String(error)),
  );
}

test.serial('idempotency: asked twice, run once and answered the same', async (t) => {
  let runs = 0;
  const run = async () => created({ run: (runs += 1) });
  const first = await t.context.service.once(asked('twice'), run, keepAll);
  t.deepEqual(await t.context.service.once(asked('twice'), run, keepAll), first);
  t.is(runs, 1);
});

test.serial(
  'idempotency: 50 at once, one effect and the others the same answer or IDEMPOTENCY_IN_PROGRESS',
  async (t) => {
    let runs = 0;
    const run = async () => {
      runs += 1;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return created({ runs });
    };
    const asks = Array.from({ length: 50 }, () => t.context.service.once(asked('fifty'), run, keepAll));
    const answers = await Promise.allSettled(asks);
    t.is(runs, 1);
    for (const answer of answers) {
      if (answer.status === 'fulfilled') t.deepEqual(answer.value, created({ runs: 1 }));
      else t.is((answer.reason as DomainError).code, 'IDEMPOTENCY_IN_PROGRESS');
    }
  },
);

test.serial('idempotency: other content or another operation, IDEMPOTENCY_CONFLICT and no effect', async (t) => {
  const { service } = t.context;
  await service.once(asked('conflict'), async () => created(), keepAll);
  const run = async () => t.fail('must not run');
  t.is(await codeOf(service.once(asked('conflict', { contentHash: 'other' }), run, keepAll)), 'IDEMPOTENCY_CONFLICT');
  t.is(await codeOf(service.once(asked('conflict', { operation: 'other' }), run, keepAll)), 'IDEMPOTENCY_CONFLICT');
});

test.serial('idempotency: a key that placed an order, IDEMPOTENCY_CONFLICT each time and no effect', async (t) => {
  const run = async () => t.fail('must not run');
  for (const _ of [1, 2]) {
    t.is(await codeOf(t.context.service.once(asked('of an order'), run, keepAll)), 'IDEMPOTENCY_CONFLICT');
  }
});

test.serial('idempotency: another caller, independent', async (t) => {
  const { service } = t.context;
  await service.once(asked('shared'), async () => created('alice'), keepAll);
  t.deepEqual(
    await service.once(asked('shared', { caller: 'bob' }), async () => created('bob'), keepAll),
    created('bob'),
  );
});

test.serial('idempotency: a request that failed or is not worth keeping, run anew', async (t) => {
  const { service } = t.context;
  await t.throwsAsync(
    service.once(asked('failed'), () => Promise.reject(new Error('away')), keepAll),
    {
      message: 'away',
    },
  );
  t.deepEqual(
    await service.once(
      asked('failed'),
      async () => ({ status: 503, body: {} }),
      () => false,
    ),
    {
      status: 503,
      body: {},
    },
  );
  t.deepEqual(await service.once(asked('failed'), async () => created(), keepAll), created());
});

test.serial('idempotency: its executor died, taken over after 30 s by the same content only', async (t) => {
  const { service, advance } = t.context;
  // Never resolves: the process that claimed the key is gone.
  void service.once(asked('died'), () => new Promise(() => undefined), keepAll);
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.is(await codeOf(service.once(asked('died'), async () => created(), keepAll)), 'IDEMPOTENCY_IN_PROGRESS');
  advance(31_000);
  const other = service.once(asked('died', { contentHash: 'other' }), async () => created(), keepAll);
  t.is(await codeOf(other), 'IDEMPOTENCY_CONFLICT');
  t.deepEqual(await service.once(asked('died'), async () => created(), keepAll), created());
});

test.serial('idempotency: a request that may run twice at once, waits for no executor that died', async (t) => {
  const { service } = t.context;
  const shared = { exclusive: false };
  void service.once(asked('repeatable', shared), () => new Promise(() => undefined), keepAll);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const other = service.once(asked('repeatable', { ...shared, contentHash: 'other' }), async () => created(), keepAll);
  t.is(await codeOf(other), 'IDEMPOTENCY_CONFLICT');
  t.deepEqual(
    await service.once(asked('repeatable', shared), async () => created('second'), keepAll),
    created('second'),
  );
  t.deepEqual(
    await service.once(asked('repeatable', shared), async () => created('third'), keepAll),
    created('second'),
  );
});

test.serial('idempotency: a key older than a day, new again', async (t) => {
  const { service, advance } = t.context;
  await service.once(asked('old'), async () => created('first'), keepAll);
  advance(24 * 3_600_000 + 1);
  const second = await service.once(asked('old', { contentHash: 'other' }), async () => created('second'), keepAll);
  t.deepEqual(second, created('second'));
});
