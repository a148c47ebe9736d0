import { EventEmitter, once } from 'node:events';
import { mock } from 'node:test';
import test from 'ava';
import { type CallLimits, createCalls, standardLimits } from '../../../contract/clients/calls.ts';

test.before(() => mock.timers.enable({ apis: ['setTimeout', 'Date'] }));
test.after.always(() => mock.timers.reset());

function prepare(limits: CallLimits = standardLimits) {
  const heard: string[] = [];
  const calls = createCalls(limits, {
    state: (state) => heard.push(state),
    attempted: (operation, outcome) => heard.push(`${operation} ${outcome}`),
    retried: (operation) => heard.push(`${operation} retried`),
  });
  return { heard, run: (attempt: () => Promise<string>) => outcomeOf(calls('reserve', attempt)) };
}

const single = { ...standardLimits, retries: 0 };
const notSent = 'Execution prevented because the circuit breaker is open';
const away = () => Promise.reject(new Error('away'));
const alive = async () => 'alive';

/** The answer or the error's message, while time passes a millisecond at a time. */
async function outcomeOf(call: Promise<string>): Promise<string> {
  let outcome: string | undefined;
  call.then(
    (answer) => (outcome = answer),
    (error: unknown) => (outcome = (error as Error).message),
  );
  for (;;) {
    await new Promise((resolve) => void setImmediate(resolve));
    if (outcome !== undefined) return outcome;
    mock.timers.tick(1);
  }
}

/** An attempt that fails so many times and then is answered; `at` tells when each was made. */
function failing(times: number) {
  const at: number[] = [];
  return { at, attempt: () => (at.push(Date.now()) <= times ? away() : alive()) };
}

test.serial('calls: attempts that fail, sent again three times with waits that double and jitter', async (t) => {
  const { heard, run } = prepare();
  const firsts = new Set<number>();
  for (let round = 0; round < 10; round += 1) {
    const { at, attempt } = failing(3);
    t.is(await run(attempt), 'alive');
    const waits = at.slice(1).map((each, index) => each - at[index]!);
    t.is(waits.length, 3);
    for (const [index, wait] of waits.entries()) {
      const longest = standardLimits.retryMs * 2 ** index;
      t.true(wait >= longest / 2 && wait <= longest + 1, `${wait} ms before retry ${index + 1}`);
    }
    firsts.add(waits[0]!);
  }
  t.true(firsts.size > 3, 'no two callers wait alike');
  t.is(heard.filter((each) => each === 'reserve retried').length, 30);
});

test.serial('calls: four attempts fail, rejects with the last error', async (t) => {
  const { heard, run } = prepare();
  const { at, attempt } = failing(99);
  t.is(await run(attempt), 'away');
  t.is(at.length, 4);
  const [failed, retried] = ['reserve failed', 'reserve retried'];
  t.deepEqual(heard, ['closed', failed, retried, failed, retried, failed, retried, failed]);
});

test.serial('breaker: five failures in a row, still sends; the sixth opens it', async (t) => {
  const { heard, run } = prepare(single);
  for (let failed = 0; failed < 5; failed += 1) await run(away);
  t.is(await run(alive), 'alive');
  for (let failed = 0; failed < 6; failed += 1) t.is(await run(away), 'away');
  t.is(await run(alive), notSent);
  t.deepEqual(heard.slice(-3), ['open', 'reserve failed', 'reserve not_sent']);
});

test.serial('breaker: opens between two attempts of a call, which is then not sent again', async (t) => {
  const { heard, run } = prepare();
  t.is(await run(away), 'away');
  t.is(await run(away), notSent);
  t.is(heard.filter((each) => each === 'reserve failed').length, 6);
  t.is(heard.at(-1), 'reserve not_sent');
});

test.serial('breaker: failures a minute after the first of a row, are counted anew', async (t) => {
  const { run } = prepare(single);
  for (let failed = 0; failed < 5; failed += 1) await run(away);
  mock.timers.tick(60_001);
  for (let failed = 0; failed < 5; failed += 1) t.is(await run(away), 'away');
  t.is(await run(alive), 'alive');
  for (let failed = 0; failed < 5; failed += 1) await run(away);
  mock.timers.tick(59_900);
  t.is(await run(away), 'away');
  t.is(await run(alive), notSent);
});

async function opened(limits: CallLimits = single) {
  const prepared = prepare(limits);
  while (!prepared.heard.includes('open')) await prepared.run(away);
  prepared.heard.length = 0;
  return prepared;
}

test.serial('breaker: open, sends nothing for 30 s; then ten calls that are answered close it', async (t) => {
  const { heard, run } = await opened();
  mock.timers.tick(29_990);
  t.is(await run(alive), notSent);
  mock.timers.tick(10);
  for (let trial = 0; trial < 10; trial += 1) {
    t.is(await run(alive), 'alive');
    t.is(heard.includes('closed'), trial === 9);
  }
  t.deepEqual(
    heard.filter((each) => !each.startsWith('reserve')),
    ['half_open', 'closed'],
  );
});

test.serial('breaker: one of the trial calls fails, it is open for another 30 s', async (t) => {
  const { heard, run } = await opened();
  mock.timers.tick(30_000);
  for (let trial = 0; trial < 9; trial += 1) await run(alive);
  t.is(await run(away), 'away');
  t.is(heard.at(-2), 'open');
  mock.timers.tick(29_900);
  t.is(await run(alive), notSent);
  mock.timers.tick(100);
  t.is(await run(alive), 'alive');
});

for (const [what, trial, others] of [
  ['answered, all go on', alive, 'alive'],
  ['failing, no other is sent', away, notSent],
] as const) {
  test.serial(`breaker: 30 calls at once after a pause, ten are sent; ${what}`, async (t) => {
    const { run } = await opened();
    mock.timers.tick(30_000);
    const decision = new EventEmitter();
    const decided = once(decision, 'made');
    let sent = 0;
    const calls = Array.from({ length: 30 }, () =>
      run(async () => {
        sent += 1;
        if (sent > 10) return alive();
        await decided;
        return trial();
      }),
    );
    await new Promise((resolve) => void setImmediate(resolve));
    t.is(sent, 10);
    decision.emit('made');
    const outcomes = await Promise.all(calls);
    t.is(outcomes.filter((outcome) => outcome === others).length, trial === alive ? 30 : 20);
    t.is(sent, trial === alive ? 30 : 10);
  });
}
