import type { ListHit } from '../../domain/compliance/risk.ts';

/** As much of a person as lists are searched by. Dates are ISO days. */
export interface ScreenedPerson {
  readonly fullName: string;
  readonly dateOfBirth: string;
}

export interface ScreeningResult {
  readonly hits: readonly ListHit[];
  /** The versions of the lists that were searched. */
  readonly source: string;
}

export interface ScreeningGateway {
  /** Looks for a person on sanctions and PEP lists. Rejects when that cannot be told now: never “no hit” on a guess. */
  screen(person: ScreenedPerson): Promise<ScreeningResult>;
}

export interface AddressScreeningGateway {
  /** Looks for a destination on sanctions lists. Rejects when that cannot be told now. */
  screenAddress(address: string): Promise<{ readonly listed: boolean; readonly source: string }>;
}
