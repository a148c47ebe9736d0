import { defineSignal } from '@temporalio/workflow';
import type { ProcessSignal } from '../../domain/processes.ts';

const signal = (name: ProcessSignal) => defineSignal(name);

/** A link of this registration, or of a rival one, was clicked. */
export const verifiedSignal = signal('verified');

/** The mail of this registration was asked for again. */
export const mailRequestedSignal = signal('mailRequested');

/** Something about this case was committed: look again. */
export const changedSignal = signal('changed');

/** Trades of this market were committed. */
export const tradesMatchedSignal = signal('tradesMatched');
