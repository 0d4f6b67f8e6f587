/** The right to compute one key. */
export interface Lease {
  release(): Promise<void>
}

/** Who computes a key just now. */
export interface LeaseHolder {
  readonly host: string
  readonly pid: number
}
