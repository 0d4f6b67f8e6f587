import { codeOf } from '../file-store/file-system.js'

/**
 * The disk does not say whether a lease is still ours, so it is not taken for ours, and nothing is committed. That says
 * nothing of the result, but of the store; the disk's own error is the cause.
 */
export class LeaseUnreadable extends Error {
  override readonly name = 'LeaseUnreadable'
  readonly code: string | undefined
  override readonly cause: Error
  constructor(path: string, cause: unknown) {
    const told = namingPath(path, cause)
    super(told.message, { cause: told })
    this.code = codeOf(cause)
    this.cause = told
  }
}

/** What is said of a lease that went with its store. */
export const gone = (path: string): Error =>
  Object.assign(new Error(`ENOENT: the store was removed while a task ran, and with it '${path}'`), {
    code: 'ENOENT',
    path,
  })

/** A read that fails does not say of what. */
const namingPath = (path: string, cause: unknown): Error => {
  if (!(cause instanceof Error)) return new Error(`${path}: ${String(cause)}`)
  return cause.message.includes(path)
    ? cause
    : Object.assign(new Error(`${cause.message} '${path}'`, { cause }), { code: codeOf(cause), path })
}
