import { startAuditChainer } from './audit-chainer.ts';
import { startCandleFolder } from './candle-folder.ts';
import { runWorkers } from './process.ts';
import { startRelay } from './relay.ts';

await runWorkers({ name: 'worker-operations', queues: [], loops: [startRelay, startAuditChainer, startCandleFolder] });
