/** What disks and systems refuse, whoever asked: no bug of whoever asked. */
const codes: ReadonlySet<string> = new Set(
  (
    'EACCES EBUSY EDQUOT EFBIG EIO EISDIR ELOOP EMFILE EMLINK ENAMETOOLONG ENFILE ENODEV ENOSPC ENOTDIR ' +
    'ENXIO EPERM EROFS ESTALE ETIMEDOUT ETXTBSY EXDEV'
  ).split(' '),
)

/** The disk does not say whether a lease is still ours. By name, since two copies of the library may be loaded. */
export const isLeaseUnreadable = (cause: unknown): cause is Error =>
  cause instanceof Error && cause.name === 'LeaseUnreadable'

/** An error of a system call that says something about the world. */
export const isSystemError = (cause: unknown): cause is NodeJS.ErrnoException =>
  cause instanceof Error &&
  'syscall' in cause &&
  'code' in cause &&
  typeof cause.code === 'string' &&
  codes.has(cause.code)

/** A service that keeps a store refuses, or does not answer. By name, as above. */
export const isStoreRefusal = (
  cause: unknown,
): cause is Error & { readonly location: string; readonly hint: string | undefined } =>
  cause instanceof Error && cause.name === 'ObjectStoreFailed' && 'location' in cause

/** Of these the data itself knows nothing: this machine has no room, too many open files, or lost a server. */
const passing: ReadonlySet<string> = new Set('EDQUOT EMFILE ENFILE ENOSPC EROFS ESTALE ETIMEDOUT'.split(' '))

/** Why data could not be read, though nothing is known to be wrong with it. */
export const isNoDamage = (cause: unknown): cause is Error =>
  isStoreRefusal(cause) || (isSystemError(cause) && passing.has(cause.code ?? ''))
