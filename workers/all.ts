import { startAuditChainer } from './audit-chainer.ts';
import { startCandleFolder } from './candle-folder.ts';
import { startConsumers } from './consumers.ts';
import { runWorkers } from './process.ts';
import { complianceQueue } from './queues/compliance.ts';
import { identityQueue } from './queues/identity.ts';
import { operationsQueue } from './queues/operations.ts';
import { paymentsQueue } from './queues/payments.ts';
import { settlementQueue } from './queues/settlement.ts';
import { startReconciler } from './reconciler.ts';
import { startRelay } from './relay.ts';
import { startStrayWatch } from './stray-watch.ts';

/** Every task queue and every loop in one process: for development and small deployments. */
await runWorkers({
  name: 'workers',
  queues: [identityQueue, complianceQueue, paymentsQueue, settlementQueue, operationsQueue],
  loops: [startRelay, startAuditChainer, startCandleFolder, startReconciler, startStrayWatch, startConsumers],
});
