import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowHandle } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { RegistrationActivities } from '../../activities/registration.ts';
import type { RegistrationState } from '../../services/identity/registration-steps.ts';
import { createEncryptionCodec } from '../../temporal/codec/encryption-codec.ts';

/** Published on purpose: recorded histories are encrypted like real ones, and hold nothing real. */
export const recordingConverter: DataConverter = {
  payloadCodecs: [
    createEncryptionCodec([{ id: 'recordings', base64: Buffer.alloc(32, 'recordings').toString('base64') }]),
  ],
};

/** One way through a workflow, kept as a history that every later version of its code must be able to replay. */
export interface Recording {
  readonly name: string;
  readonly workflow: string;
  readonly input: string;
  readonly activities: object;
  /** What happens from outside while it runs. */
  readonly play: (handle: WorkflowHandle, env: TestWorkflowEnvironment) => Promise<void>;
}

const userId = '01980000-0000-7000-8000-000000000001';

const registrationIn = (state: { now: RegistrationState }): RegistrationActivities => ({
  sendRegistrationMail: async () => undefined,
  sendRegistrationReminder: async () => undefined,
  registrationState: async () => state.now,
  endRegistration: async () => 'gone',
});

function verifiedAfterAnotherMail(): Recording {
  const state: { now: RegistrationState } = { now: 'waiting' };
  return {
    name: 'registration-verified',
    workflow: 'registration',
    input: userId,
    activities: registrationIn(state),
    play: async (handle, env) => {
      await env.sleep('1h');
      await handle.signal('mailRequested');
      await env.sleep('1h');
      state.now = 'verified';
      await handle.signal('verified');
    },
  };
}

export const recordings: readonly Recording[] = [
  verifiedAfterAnotherMail(),
  {
    name: 'registration-removed',
    workflow: 'registration',
    input: userId,
    activities: registrationIn({ now: 'waiting' }),
    play: async () => undefined,
  },
];
