/** Where a command came from: goes into the audit log and into the metadata of events. */
export interface Origin {
  readonly traceId: string;
  readonly ipAddress?: string;
  readonly userAgent?: string;
}
