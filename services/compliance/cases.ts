import { type Explanation, explainCase, personFaults, type Person } from '../../domain/compliance/case.ts';
import { nameKey } from '../../domain/compliance/names.ts';
import { DomainError, invariant } from '../../domain/errors.ts';
import { nameFault } from '../../domain/identity/name.ts';
import type { Caller } from '../../domain/identity/user.ts';
import type { Origin } from '../../domain/origin.ts';
import { processStart } from '../../domain/processes.ts';
import type { NewId } from '../../platform/ids.ts';
import {
  addDraft,
  findCurrentCase,
  type KycCase,
  lockCurrentCase,
  submitCase,
} from '../../storage/compliance/cases.ts';
import type { Db } from '../../storage/db.ts';
import { addToOutbox } from '../../storage/outbox/outbox.ts';
import { refuseFaults } from '../identity/faults.ts';
import type { OnVerified } from '../identity/parts.ts';
import { createRecorder } from '../identity/records.ts';
import { caseAggregate, type ComplianceDeps } from './parts.ts';
import { timesOf } from './view.ts';

/** A case as its customer's door needs it. */
export type CustomerCase = KycCase;

export interface CaseService {
  /**
   * Sends the caller's details to screening, in her draft, a case that waits for more, or after a rejection a new one.
   * The same details again answer the same. Throws INVALID_REQUEST, KYC_NOT_POSSIBLE.
   */
  submit(caller: Caller, person: Person, origin: Origin): Promise<CustomerCase>;
  /** The caller's newest case. Throws CASE_NOT_FOUND. */
  current(caller: Caller): Promise<CustomerCase>;
  /** Where the caller's case stands and what she can do. Throws CASE_NOT_FOUND. */
  explain(caller: Caller): Promise<Explanation>;
}

/** Opens the draft case of an account, in the transaction that verifies its address. */
export const createDraftOpener =
  ({ newId }: { readonly newId: NewId }): OnVerified =>
  async (tx, { userId, at }) => {
    await addDraft(tx, { caseId: newId(), userId, at });
  };

export function createCases({ db, clock, newId, kickOutbox, rules }: ComplianceDeps): CaseService {
  const record = createRecorder({ newId });

  /** The case that takes a submission, locked; a fresh draft after a rejection, or where there is none yet. */
  async function openCase(tx: Db, userId: string, at: Date): Promise<KycCase> {
    const current = await lockCurrentCase(tx, userId);
    if (current !== undefined && current.state !== 'rejected') return current;
    const previous = current === undefined ? {} : { previousCaseId: current.caseId };
    await addDraft(tx, { caseId: newId(), userId, ...previous, at });
    const opened = await lockCurrentCase(tx, userId);
    invariant(opened !== undefined, 'a case that was opened is there');
    return opened;
  }

  async function submit(tx: Db, userId: string, person: Person, origin: Origin): Promise<KycCase> {
    const at = clock();
    const open = await openCase(tx, userId, at);
    if (open.state !== 'draft' && open.state !== 'more_info') return sameAgain(open, person);
    const { caseId } = open;
    const submitted = await submitCase(tx, { caseId, person, nameKey: nameKey(person.fullName), at });
    invariant(submitted !== undefined, 'a locked case stays as it is');
    const details = { submission: submitted.submission };
    await record(tx, { userId, action: 'kyc.submit', resource: 'kyc_case', resourceId: caseId, details, origin, at });
    const start = processStart('kycReview', caseId);
    // One that waits for more is told; a new one is started.
    await addToOutbox(
      tx,
      [{ aggregate: caseAggregate(caseId), kind: 'signal_with_start', ...start, signal: 'changed' }],
      at,
    );
    return submitted;
  }

  const current = async ({ userId }: Caller): Promise<KycCase> => {
    const found = await findCurrentCase(db, userId);
    if (found === undefined) throw new DomainError('CASE_NOT_FOUND', 'There is no case yet. Send your details.');
    return found;
  };

  return {
    async submit(caller, person, origin) {
      refuseFaults({
        ...personFaults(person, clock().toISOString().slice(0, 10)),
        '/full_name': nameFault(person.fullName),
        '/address': nameFault(person.address),
        '/document/number': nameFault(person.document.number),
      });
      if (caller.kycStatus === 'verified') throw notNow('Your identity is verified already.');
      const submitted = await db.tx('submit-kyc', (tx) => submit(tx, caller.userId, person, origin));
      kickOutbox();
      return submitted;
    },
    current,
    async explain(caller) {
      const found = await current(caller);
      return explainCase(found.state, {
        ...(found.asked !== undefined && { asked: found.asked }),
        ...timesOf(found, rules),
      });
    },
  };
}

function sameAgain(open: KycCase, person: Person): KycCase {
  if (open.state !== 'verified' && JSON.stringify(open.person) === JSON.stringify(person)) return open;
  throw notNow(
    `Your case is ${open.state === 'verified' ? 'verified' : 'being looked at'}. Nothing can be changed now.`,
  );
}

const notNow = (why: string): DomainError => new DomainError('KYC_NOT_POSSIBLE', why);
