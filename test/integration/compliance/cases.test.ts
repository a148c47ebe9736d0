import { randomUUID } from 'node:crypto';
import test from 'ava';
import type { Outcome } from '../../../domain/compliance/decision.ts';
import { processId } from '../../../domain/processes.ts';
import { origin } from '../identity/kit.ts';
import { ada, createComplianceKit, type Officer } from './kit.ts';

const kit = await createComplianceKit();
const { compliance, db } = kit;
const { cases, decide, reviewSteps } = compliance;
test.after.always(() => kit.close());

/** An update as the workflow of the case passes it on. */
async function send(
  caseId: string,
  officer: Officer,
  {
    outcome = 'approve',
    code,
    revision,
    workflowId,
    updateId,
  }: {
    outcome?: Outcome;
    code?: string;
    revision?: string;
    workflowId?: string;
    updateId?: string;
  } = {},
) {
  const view = await reviewSteps.describe(caseId);
  return decide.byCode(
    caseId,
    {
      officer: officer.email,
      code: code ?? (await officer.code()),
      revision: revision ?? view?.revision ?? '',
      outcome,
      reason: 'papers are in order',
      acceptedAt: kit.now(),
    },
    {
      workflowId: workflowId ?? processId('kycReview', caseId),
      runId: randomUUID(),
      updateId: updateId ?? randomUUID(),
    },
  );
}

const statusOf = async (userId: string) => (await kit.identity.accounts.get(userId)).kycStatus;
const decisionsOn = (caseId: string) =>
  db.manyOrNone<{ outcome: string }>('SELECT * FROM compliance.decisions WHERE subject_id = $1', [caseId]);
const stateOf = async (caseId: string) => (await reviewSteps.describe(caseId))?.state;

test.serial('case: the address is verified, a draft exists and no workflow', async (t) => {
  const caller = await kit.customer();
  t.like(await cases.current(caller), { state: 'draft', submission: 0 });
  t.like(await cases.explain(caller), { rule: 'KYC_REQUIRED', nextActor: 'you' });
  t.is((await db.manyOrNone("SELECT 1 FROM outbox.entries WHERE aggregate LIKE 'kyc:%'")).length, 0);
});

test.serial('submit: twice the same at once, one submission and one start', async (t) => {
  const caller = await kit.customer();
  const [one, two] = await Promise.all([cases.submit(caller, ada, origin), cases.submit(caller, ada, origin)]);
  t.deepEqual([one.caseId, one.submission], [two.caseId, 1]);
  const told = await db.manyOrNone('SELECT payload FROM outbox.entries WHERE aggregate = $1', [`kyc:${one.caseId}`]);
  t.is(told.length, 1);
  await t.throwsAsync(cases.submit(caller, { ...ada, country: 'FR' }, origin), { code: 'KYC_NOT_POSSIBLE' });
});

test.serial('submit: a child and an expired document, refused with both pointers and nothing kept', async (t) => {
  const caller = await kit.customer();
  const young = { ...ada, dateOfBirth: '2020-01-01', document: { ...ada.document, expiresOn: '2020-01-01' } };
  const error = await t.throwsAsync<Error & { details: { errors: { pointer: string }[] } }>(
    cases.submit(caller, young, origin),
  );
  t.deepEqual(
    error.details.errors.map(({ pointer }) => pointer),
    ['/date_of_birth', '/document/expires_on'],
  );
  t.is((await cases.current(caller)).state, 'draft');
});

test.serial('screening: a check is missing, the case is not assessed and nobody is approved', async (t) => {
  const caller = await kit.customer();
  const { caseId } = await cases.submit(caller, ada, origin);
  for (const kind of ['document', 'country', 'duplicates'] as const) await reviewSteps.check(caseId, kind);
  await t.throwsAsync(reviewSteps.assess(caseId), { message: /after every check/ });
  t.is(await stateOf(caseId), 'screening');
});

test.serial('screening: another customer has the same papers, the score says so', async (t) => {
  const document = { ...ada.document, number: 'ZZ7777777' };
  await kit.inReview(await kit.customer(), { fullName: 'Grace Hopper', document });
  const caseId = await kit.inReview(await kit.customer(), { fullName: 'Hopper  GRACE', document });
  const view = await reviewSteps.describe(caseId);
  t.is(view?.riskScore, 90);
  t.regex(view?.reasons[0]?.text ?? '', /document belongs to 1 other/);
});

test.serial('decide: approved by a code, status, event, audit and decision are there at once', async (t) => {
  const caller = await kit.customer();
  const caseId = await kit.inReview(caller);
  const officer = await kit.officer();
  t.like(await send(caseId, officer), { recorded: true });
  t.is(await stateOf(caseId), 'verified');
  t.is(await statusOf(caller.userId), 'verified');
  const [audit] = await db.manyOrNone<{ details: Record<string, unknown> }>(
    "SELECT * FROM audit.audit_logs WHERE action = 'user.set_kyc_status' AND resource_id = $1",
    [caller.userId],
  );
  t.like(audit, { actor: 'officer', user_id: officer.officerId });
  t.like(audit?.details ?? {}, { before: 'pending', after: 'verified', proof: 'totp', workflow_id: `kyc:${caseId}` });
  t.truthy(audit?.details['update_id'] && audit.details['run_id']);
  const events = await db.manyOrNone<{ payload: { event: { type: string } } }>(
    "SELECT payload FROM outbox.entries WHERE aggregate = $1 AND kind = 'event'",
    [`user:${caller.userId}`],
  );
  t.is(events.at(-1)?.payload.event.type, 'user.kyc.updated');
  t.like(await reviewSteps.letterFor(caseId), { to: caller.email, subject: 'Your identity is verified' });
});

test.serial('decide: the same update delivered again, the first answer and one decision', async (t) => {
  const caseId = await kit.inReview(await kit.customer());
  const officer = await kit.officer();
  const code = await officer.code();
  const revision = (await reviewSteps.describe(caseId))?.revision ?? '';
  const again = { code, revision, updateId: 'u1' };
  const answers = await Promise.all([send(caseId, officer, again), send(caseId, officer, again)]);
  t.deepEqual(answers[0], answers[1]);
  t.is((await decisionsOn(caseId)).length, 1);
});

test.serial('decide: a second decision by another officer, DECISION_CLOSED and her code is not spent', async (t) => {
  const caller = await kit.customer();
  const caseId = await kit.inReview(caller);
  const [first, second] = [await kit.officer(), await kit.officer()];
  await send(caseId, first);
  const error = await t.throwsAsync(send(caseId, second, { outcome: 'reject' }), { code: 'DECISION_CLOSED' });
  t.regex(error.message, /the case is verified/);
  t.is(await statusOf(caller.userId), 'verified');
  const other = await kit.inReview(await kit.customer());
  t.like(await send(other, second), { recorded: true });
});

test.serial('decide: two officers at once, exactly one is recorded', async (t) => {
  const caseId = await kit.inReview(await kit.customer());
  const officers = await Promise.all([kit.officer(), kit.officer()]);
  const sent = await Promise.allSettled([
    send(caseId, officers[0], { outcome: 'approve' }),
    send(caseId, officers[1], { outcome: 'reject' }),
  ]);
  t.deepEqual(sent.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  t.is((await decisionsOn(caseId)).length, 1);
});

test.serial('decide: the facts changed after they were read, CASE_CHANGED and nothing recorded', async (t) => {
  const caseId = await kit.inReview(await kit.customer());
  const officer = await kit.officer();
  await t.throwsAsync(send(caseId, officer, { revision: '0123456789ab' }), { code: 'CASE_CHANGED' });
  t.is((await decisionsOn(caseId)).length, 0);
  t.is(await stateOf(caseId), 'review');
});

test.serial('decide: wrong code, customer or admin instead of an officer, not proven', async (t) => {
  const customer = await kit.customer();
  const caseId = await kit.inReview(customer);
  const officer = await kit.officer();
  const wrong = (Number(await officer.code()) + 1).toString().padStart(6, '0').slice(-6);
  await t.throwsAsync(send(caseId, officer, { code: wrong }), { code: 'OFFICER_NOT_PROVEN' });
  await t.throwsAsync(send(caseId, { ...officer, email: customer.email }), { code: 'OFFICER_NOT_PROVEN' });
  await t.throwsAsync(send(caseId, { ...officer, email: 'nobody@example.com' }), { code: 'OFFICER_NOT_PROVEN' });
  t.is(await stateOf(caseId), 'review');
});

test.serial('decide: one code for two cases, the second is CODE_USED', async (t) => {
  const officer = await kit.officer();
  const [one, two] = [await kit.inReview(await kit.customer()), await kit.inReview(await kit.customer())];
  const code = await officer.code();
  await send(one, officer, { code });
  await t.throwsAsync(send(two, officer, { code }), { code: 'CODE_USED' });
  t.is(await stateOf(two), 'review');
});

test.serial('decide: through a workflow of another id, refused', async (t) => {
  const caseId = await kit.inReview(await kit.customer());
  await t.throwsAsync(send(caseId, await kit.officer(), { workflowId: 'kyc:mine' }), { code: 'CASE_NOT_FOUND' });
});

test.serial('decide: more is asked, the customer reads it, sends again and the revision is another', async (t) => {
  const caller = await kit.customer();
  const caseId = await kit.inReview(caller);
  const officer = await kit.officer();
  const before = (await reviewSteps.describe(caseId))?.revision;
  await send(caseId, officer, { outcome: 'more_info' });
  t.like(await cases.explain(caller), { nextActor: 'you', text: 'We need more from you: papers are in order' });
  t.is(await statusOf(caller.userId), 'pending');
  kit.advance(31_000);
  t.is(await kit.inReview(caller, { address: 'Nebenstr. 2, 10115 Berlin' }), caseId);
  t.not((await reviewSteps.describe(caseId))?.revision, before);
  await send(caseId, officer, { outcome: 'reject' });
  t.is(await statusOf(caller.userId), 'rejected');
});

test.serial('submit: after a rejection, a new case linked to the old', async (t) => {
  const caller = await kit.customer();
  const old = await kit.inReview(caller);
  await send(old, await kit.officer(), { outcome: 'reject' });
  const { caseId, previousCaseId, state } = await cases.submit(caller, ada, origin);
  t.deepEqual([previousCaseId, state], [old, 'screening']);
  t.not(caseId, old);
});

test.serial('decide by session: officer with a fresh factor, decided and the workflow is told', async (t) => {
  const customer = await kit.customer();
  const caseId = await kit.inReview(customer);
  const { officerId } = await kit.officer();
  const caller = { ...customer, userId: officerId, role: 'compliance', lastFactorAt: kit.now() } as const;
  const revision = (await reviewSteps.describe(caseId))?.revision ?? '';
  const body = { outcome: 'approve', revision, reason: 'papers are in order' } as const;
  const decided = () => decide.bySession(caller, caseId, body, origin);
  const stale = { ...caller, lastFactorAt: new Date(kit.now().getTime() - 301_000) };
  await t.throwsAsync(decide.bySession(stale, caseId, body, origin), { code: 'SECOND_FACTOR_REQUIRED' });
  await t.throwsAsync(decide.bySession({ ...caller, role: 'admin' }, caseId, body, origin), { code: 'FORBIDDEN' });
  t.like(await decided(), { state: 'verified' });
  t.like(await decided(), { state: 'verified' });
  t.is((await decisionsOn(caseId)).length, 1);
  const signals = await db.manyOrNone("SELECT 1 FROM outbox.entries WHERE kind = 'signal' AND aggregate = $1", [
    `kyc:${caseId}`,
  ]);
  t.is(signals.length, 1);
});

test.serial('decisions: changed or removed in SQL, refused by the database', async (t) => {
  const append = { message: /append-only/ };
  await t.throwsAsync(db.none("UPDATE compliance.decisions SET outcome = 'approve'"), append);
  await t.throwsAsync(db.none('DELETE FROM compliance.decisions'), append);
  await t.throwsAsync(db.none('TRUNCATE compliance.decisions'), append);
});

test.serial('assess: low risk where the rules allow it, verified by the system and no officer named', async (t) => {
  const lax = await createComplianceKit({ autoApproveBelow: 10 });
  t.teardown(lax.close);
  const [calm, grave] = [await lax.customer(), await lax.customer()];
  await lax.inReview(calm);
  t.is((await lax.identity.accounts.get(calm.userId)).kycStatus, 'verified');
  const caseId = await lax.inReview(grave, { country: 'KP', fullName: 'Someone Else' });
  t.is((await lax.compliance.reviewSteps.describe(caseId))?.state, 'review');
  t.is((await lax.identity.accounts.get(grave.userId)).kycStatus, 'pending');
});

test.serial('findUnfinished: cases not ended, are listed; drafts and ended ones are not', async (t) => {
  const own = await createComplianceKit();
  t.teardown(own.close);
  await own.customer();
  const caseId = await own.inReview(await own.customer());
  own.advance(60_001);
  const page = { after: undefined, createdBefore: own.now(), limit: 10 };
  t.deepEqual(
    (await own.compliance.reviewSteps.findUnfinished(page)).map(({ input }) => input),
    [caseId],
  );
});
