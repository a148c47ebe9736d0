import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time.js';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { servers } from './servers.ts';

// Activities that fail on purpose would fill the screen. Before any connection: the SDK has one runtime a process.
Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } },
});

export interface TestNamespace {
  readonly address: string;
  readonly namespace: string;
  readonly client: Client;
  /** For workers. */
  readonly connection: NativeConnection;
  readonly close: () => Promise<void>;
}

/**
 * A namespace of its own, on the run's development server unless told another, ready for use. `close` it at the end.
 */
export async function createTestNamespace(address: string = servers.temporalAddress()): Promise<TestNamespace> {
  const namespace = `test-${randomUUID()}`;
  const clientConnection = await Connection.connect({ address });
  const connection = await NativeConnection.connect({ address });
  const workflowExecutionRetentionPeriod = msToTs('1 day');
  await clientConnection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
  const client = new Client({ connection: clientConnection, namespace });
  await untilServed(client);
  return {
    address,
    namespace,
    client,
    connection,
    close: async () => {
      await connection.close();
      await clientConnection.close();
    },
  };
}

/** The server's parts learn of a new namespace one after the other, within its cache's refresh interval. */
async function untilServed(client: Client): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    try {
      await client.workflow.count();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

/** The SDK gives a starting server five seconds, which a loaded machine may need for its JVM alone. */
const starts = 4;

/** Temporal's time-skipping server, one of its own: timers of days end at once. `teardown()` it at the end. */
export async function createTimeSkipping(dataConverter?: DataConverter): Promise<TestWorkflowEnvironment> {
  const executable = { type: 'existing-path', path: servers.timeSkippingExecutable() } as const;
  const client = dataConverter === undefined ? {} : { dataConverter };
  for (let start = 1; ; start += 1) {
    try {
      return await TestWorkflowEnvironment.createTimeSkipping({ server: { executable }, client });
    } catch (error) {
      // Not the SDK's own error: it has fields that ava's reporter cannot write, and breaks the run off.
      if (start === starts) throw new Error(`The time-skipping server does not start: ${String(error)}`);
    }
  }
}
