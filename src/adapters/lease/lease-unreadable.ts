import { codeOf } from '../file-store/file-system.js'

/**
 * The disk does not answer whether a lease is still ours, so it does not count as ours, and nothing is committed. This
 * is a problem of the store, not of the result; the disk's own error is the cause.
 */
export class LeaseUnreadable extends Error {
  override readonly name = 'LeaseUnreadable'
  readonly code: string | undefined
  override readonly cause: Error
  constructor(path: string, cause: unknown) {
    const named = namingPath(path, cause)
    super(named.message, { cause: named })
    this.code = codeOf(cause)
    this.cause = named
  }
}

/** The error for a lease that was removed together with its store. */
export const gone = (path: string): Error =>
  Object.assign(new Error(`ENOENT: the store was removed while a task ran, and with it '${path}'`), {
    code: 'ENOENT',
    path,
  })

/** Adds the path to the error of a failed read, which lacks it. */
const namingPath = (path: string, cause: unknown): Error => {
  if (!(cause instanceof Error)) return new Error(`${path}: ${String(cause)}`)
  return cause.message.includes(path)
    ? cause
    : Object.assign(new Error(`${cause.message} '${path}'`, { cause }), { code: codeOf(cause), path })
}
