/** Error codes of disks and systems, which do not indicate a bug in the calling code. */
const codes: ReadonlySet<string> = new Set(
  (
    'EACCES EBUSY EDQUOT EFBIG EIO EISDIR ELOOP EMFILE EMLINK ENAMETOOLONG ENFILE ENODEV ENOSPC ENOTDIR ' +
    'ENXIO EPERM EROFS ESTALE ETIMEDOUT ETXTBSY EXDEV'
  ).split(' '),
)

/** The disk does not tell whether we still hold a lease. By name, since two copies of the library may be loaded. */
export const isLeaseUnreadable = (cause: unknown): cause is Error =>
  cause instanceof Error && cause.name === 'LeaseUnreadable'

/** Another process has taken over a computation. By name, as above. */
export const isLeaseLost = (cause: unknown): cause is Error => cause instanceof Error && cause.name === 'LeaseLost'

/** A failed system call, caused by the environment. */
export const isSystemError = (cause: unknown): cause is NodeJS.ErrnoException =>
  cause instanceof Error &&
  'syscall' in cause &&
  'code' in cause &&
  typeof cause.code === 'string' &&
  codes.has(cause.code)

/** The service behind a store refuses a request, or does not answer. By name, as above. */
export const isStoreRefusal = (
  cause: unknown,
): cause is Error & { readonly location: string; readonly hint: string | undefined } =>
  cause instanceof Error && cause.name === 'ObjectStoreFailed' && 'location' in cause

/** Errors unrelated to the data itself: this machine has no space, too many open files, or lost a server. */
const passing: ReadonlySet<string> = new Set('EDQUOT EMFILE ENFILE ENOSPC EROFS ESTALE ETIMEDOUT'.split(' '))

/** An error that prevented reading data, which may be undamaged. */
export const isNoDamage = (cause: unknown): cause is Error =>
  isStoreRefusal(cause) || (isSystemError(cause) && passing.has(cause.code ?? ''))
