import { loadWorkflowBundle } from '../temporal/bundle.ts';

const bundle = await loadWorkflowBundle();
if (!('codePath' in bundle)) throw new Error('The workflow bundle could not be stored');
console.log(`Workflow bundle: ${bundle.codePath}`);
