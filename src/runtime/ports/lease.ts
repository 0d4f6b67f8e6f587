/** The exclusive right to compute one key. */
export interface Lease {
  release(): Promise<void>
}

/** The process that computes a key. */
export interface LeaseHolder {
  readonly host: string
  readonly pid: number
}
