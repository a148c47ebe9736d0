import { createRegistrationActivities } from '../../activities/registration.ts';
import type { Serving } from '../../temporal/worker.ts';
import type { WorkerParts } from '../parts.ts';

/** Registration: the mails, and the end of attempts. */
export const identityQueue = ({ exchange, mail }: WorkerParts): Serving => ({
  queue: 'identity',
  activities: createRegistrationActivities({ steps: exchange.identity.registrationSteps, mail }),
});
