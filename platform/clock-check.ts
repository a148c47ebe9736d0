/** Holds this machine's wall clock against another clock. */
export interface ClockCheck {
  /** Compares them once more. `ask` answers the other's time in milliseconds since 1970. */
  look(ask: () => Promise<number>): Promise<void>;
  /** Milliseconds by which this machine's clock is ahead for certain; negative when it is behind. 0 before any look. */
  error(): number;
  /** Whether it was ever compared. */
  readonly isKnown: boolean;
}

/**
 * Between two looks the monotonic clock stands in for the other one, so that a step of the wall clock shows at once.
 * What the question's way there and back leaves open counts as no error.
 */
export function createClockCheck(now: () => number, monotonicMs: () => number = () => performance.now()): ClockCheck {
  /** What the other clock shows less the monotonic one: at least, at most. */
  let [least, most] = [-Infinity, Infinity];
  return {
    async look(ask) {
      const asked = monotonicMs();
      const there = await ask();
      [least, most] = [there - monotonicMs(), there - asked];
    },
    error() {
      const here = now() - monotonicMs();
      return here > most ? here - most : Math.min(0, here - least);
    },
    get isKnown() {
      return most < Infinity;
    },
  };
}
