/** Where time comes from. Injected, so that rules can be tested at any instant. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();
