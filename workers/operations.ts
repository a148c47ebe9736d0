import { startAuditChainer } from './audit-chainer.ts';
import { startCandleFolder } from './candle-folder.ts';
import { startConsumers } from './consumers.ts';
import { runWorkers } from './process.ts';
import { operationsQueue } from './queues/operations.ts';
import { startReconciler } from './reconciler.ts';
import { startRelay } from './relay.ts';
import { startStrayWatch } from './stray-watch.ts';

await runWorkers({
  name: 'worker-operations',
  queues: [operationsQueue],
  loops: [startRelay, startAuditChainer, startCandleFolder, startReconciler, startStrayWatch, startConsumers],
});
