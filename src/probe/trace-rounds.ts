/** A hop before its name is looked up. */
export interface RawHop {
  readonly ttl: number;
  readonly ip: string | undefined;
  readonly rttMicros: number | undefined;
}
