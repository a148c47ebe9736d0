import { randomUUID } from 'node:crypto';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import type { WorkflowHandle } from '@temporalio/client';
import type { RegistrationActivities } from '../../activities/registration.ts';
import type { RegistrationState } from '../../services/identity/registration-steps.ts';
import { searchAttributes } from '../../temporal/names/search-attributes.ts';
import { openWorkflowLab, type WorkflowLab } from '../_support/workflow-lab.ts';

const test = anyTest as TestFn<{ lab: WorkflowLab }>;

test.before(async (t) => {
  t.context.lab = await openWorkflowLab();
});
test.after.always((t) => t.context.lab.close());

/** A registration whose row is a variable, and whose mails are a list with the hour they went at. */
async function begin(
  t: ExecutionContext<{ lab: WorkflowLab }>,
  { state: initial = 'waiting', mailFails = false }: { state?: RegistrationState; mailFails?: boolean } = {},
) {
  const { lab } = t.context;
  const row: { state: RegistrationState } = { state: initial };
  const mails: string[] = [];
  const begun = await lab.env.currentTimeMs();
  const hour = async (): Promise<number> => Math.round(((await lab.env.currentTimeMs()) - begun) / 3_600_000);
  const send = async (kind: string): Promise<void> => {
    if (mailFails) throw new Error('550 no such mailbox alice@example.com');
    mails.push(`${kind} at ${await hour()} h`);
  };
  const activities: RegistrationActivities = {
    sendRegistrationMail: () => send('mail'),
    sendRegistrationReminder: () => send('reminder'),
    registrationState: async () => row.state,
    endRegistration: async () => {
      row.state = row.state === 'verified' ? 'verified' : 'gone';
      return row.state;
    },
  };
  const served = await lab.serve(activities);
  t.teardown(served.stop);
  const userId = randomUUID();
  const handle = await lab.env.client.workflow.start('registration', {
    workflowId: `registration:${userId}`,
    taskQueue: served.taskQueue,
    args: [userId],
  });
  return { row, mails, handle, userId };
}

/** After how many hours the workflow ended. The server's own clock runs on as soon as nothing waits. */
async function hoursTaken(handle: WorkflowHandle): Promise<number> {
  const { startTime, closeTime } = await handle.describe();
  return Math.round(((closeTime?.getTime() ?? 0) - startTime.getTime()) / 3_600_000);
}

const attributesOf = async (handle: WorkflowHandle) => (await handle.describe()).typedSearchAttributes;

test.serial('registration: nobody clicks, a mail, a reminder after 24 h and removal after 72 h', async (t) => {
  const { row, mails, handle, userId } = await begin(t);
  await handle.result();
  t.deepEqual(mails, ['mail at 0 h', 'reminder at 24 h']);
  t.is(row.state, 'gone');
  t.is(await hoursTaken(handle), 72);
  const attributes = await attributesOf(handle);
  t.is(attributes.get(searchAttributes.userId), userId);
  t.is(attributes.get(searchAttributes.caseState), 'GONE');
});

test.serial('registration: verified and signalled after an hour, ends at once without a reminder', async (t) => {
  const { lab } = t.context;
  const { row, mails, handle } = await begin(t);
  await lab.env.sleep('1h');
  row.state = 'verified';
  await handle.signal('verified');
  await handle.result();
  t.deepEqual(mails, ['mail at 0 h']);
  t.is(await hoursTaken(handle), 1);
  t.is((await attributesOf(handle)).get(searchAttributes.caseState), 'VERIFIED');
});

test.serial(
  'registration: verified while the signal was lost, found at the first timer and no reminder goes',
  async (t) => {
    const { lab } = t.context;
    const { row, mails, handle } = await begin(t);
    await lab.env.sleep('1h');
    row.state = 'verified';
    await handle.result();
    t.deepEqual(mails, ['mail at 0 h']);
    t.is(await hoursTaken(handle), 24);
  },
);

test.serial('registration: verified between reminder and removal while the signal was lost, not removed', async (t) => {
  const { lab } = t.context;
  const { row, mails, handle } = await begin(t);
  await lab.env.sleep('30h');
  row.state = 'verified';
  await handle.result();
  t.deepEqual(mails, ['mail at 0 h', 'reminder at 24 h']);
  t.is(row.state, 'verified');
  t.is(await hoursTaken(handle), 72);
});

test.serial('registration: signalled although nothing was committed, waits on as if not', async (t) => {
  const { lab } = t.context;
  const { mails, handle } = await begin(t);
  await lab.env.sleep('1h');
  await handle.signal('verified');
  await handle.result();
  t.deepEqual(mails, ['mail at 0 h', 'reminder at 24 h']);
  t.is(await hoursTaken(handle), 72);
});

test.serial('registration: the mail is asked for again, goes again and the timers stay', async (t) => {
  const { lab } = t.context;
  const { mails, handle } = await begin(t);
  await lab.env.sleep('2h');
  await handle.signal('mailRequested');
  await lab.env.sleep('28h');
  await handle.signal('mailRequested');
  await handle.result();
  t.deepEqual(mails, ['mail at 0 h', 'mail at 2 h', 'reminder at 24 h', 'mail at 30 h']);
  t.is(await hoursTaken(handle), 72);
});

test.serial('registration: another attempt of the address was verified, ends and sends nothing more', async (t) => {
  const { lab } = t.context;
  const { row, mails, handle } = await begin(t);
  await lab.env.sleep('1h');
  row.state = 'gone';
  await handle.signal('mailRequested');
  await handle.result();
  t.deepEqual(mails, ['mail at 0 h']);
});

test.serial(
  'registration: no mail can be sent, the attempt is removed all the same and no address shows',
  async (t) => {
    const { row, handle } = await begin(t, { mailFails: true });
    await handle.result();
    t.is(row.state, 'gone');
    t.is(await hoursTaken(handle), 72);
    const { events } = await handle.fetchHistory();
    const history = JSON.stringify(events);
    t.regex(history, /FAULT, trace [0-9a-f]{32}/);
    t.notRegex(history, /alice/);
    t.notRegex(history, /registration\.test\.ts/);
  },
);

test.serial('registration: started for a row that is gone already, ends after a look', async (t) => {
  const { mails, handle } = await begin(t, { state: 'gone' });
  await handle.signal('verified');
  await handle.result();
  // The activity itself finds nothing to send; here it is a stand-in that always sends.
  t.deepEqual(mails, ['mail at 0 h']);
});
