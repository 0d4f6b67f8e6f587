/** Resources that tasks hold while they run, and capacities. Parsed only here. */

/** Amounts of resources by name: a number, or a size for `memory` and similar. */
export type Resources = Readonly<Record<string, number | Size>>

/**
 * Resources of a task: amounts, the queue of the workers that have them (`{ queue: 'gpu' }`) if a run hands tasks to
 * workers, and where the task runs on the machine that computes it (`{ pool: 'process' }`).
 */
export interface TaskResources {
  readonly queue?: string
  readonly pool?: PoolName
  readonly memory?: number | Size
  readonly [name: string]: number | string | undefined
}

/**
 * Where a task runs: in the process of the run, on a thread, or in a separate process. Also applies with
 * `--executor workers` and `processes`.
 */
export type PoolName = 'main' | 'thread' | 'process'

const poolNames: readonly unknown[] = ['main', 'thread', 'process'] satisfies readonly PoolName[]

/** Queues are part of names in Redis, and of commands that people type. */
export const isQueueName = (name: string): boolean => /^[\w.-]{1,60}$/.test(name)

/** An amount of bytes: `'4 GB'` is 4,000,000,000, `'4 GiB'` is 2 to the power of 32. */
export type Size = `${number}${'' | ' '}${UnitOfSize}`
type UnitOfSize = 'kB' | 'MB' | 'GB' | 'TB' | 'KiB' | 'MiB' | 'GiB' | 'TiB'

const units: Readonly<Record<UnitOfSize, number>> = {
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
}

/** An amount as a number, or what is wrong with it. */
export const readAmount = (amount: unknown): { readonly amount: number } | { readonly problem: string } => {
  if (typeof amount === 'number')
    return Number.isFinite(amount) && amount >= 0 ? { amount } : { problem: `${amount} is not an amount` }
  if (typeof amount !== 'string') return { problem: `expected a number or a size like '4 GB', got ${typeof amount}` }
  const [, number, unit = ''] = /^(\d{1,15}(?:\.\d{1,15})?) ?([kKMGT]i?B)$/.exec(amount) ?? []
  return number === undefined || !isUnit(unit)
    ? { problem: `'${amount}' is not a size` }
    : { amount: Math.floor(Number(number) * units[unit]) }
}

const isUnit = (unit: string): unit is UnitOfSize => Object.hasOwn(units, unit)

/** What is wrong with resources; undefined if they are valid. Only a task may name a queue or a pool. */
export const problemOfResources = (resources: unknown, isTask = false): string | undefined => {
  if (typeof resources !== 'object' || resources === null || Array.isArray(resources))
    return 'resources are no record of amounts'
  for (const [name, amount] of Object.entries(resources)) {
    if (!/^[A-Za-z][\w-]*$/.test(name)) return `a resource cannot be called '${name}'`
    if (isTask && name === 'queue') {
      if (typeof amount === 'string' && isQueueName(amount)) continue
      return "resources: queue: expected a name of letters, digits, _ . and -, like 'gpu'"
    }
    if (isTask && name === 'pool') {
      if (poolNames.includes(amount)) continue
      return "resources: pool: expected 'main', 'thread' or 'process'"
    }
    const read = readAmount(amount)
    if ('problem' in read) return `resources: ${name}: ${read.problem}`
  }
  return undefined
}

/** Amounts as numbers; invalid ones, which planning refuses, are dropped. */
export const amountsOf = (resources: Resources | TaskResources): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(resources).flatMap(([name, amount]) => {
      if (name === 'queue' || name === 'pool') return []
      const read = readAmount(amount)
      return 'amount' in read ? [[name, read.amount] as const] : []
    }),
  )

/**
 * A resource that a task requests and can never get, as a message; undefined if there is enough of each. Unless the
 * project sets `memory`, it is that of the machine: a task that requests more runs alone.
 */
export const lackingResource = (asked: TaskResources, has: Resources): string | undefined => {
  const amounts = amountsOf(has)
  for (const [name, amount] of Object.entries(amountsOf(asked))) {
    if (amount <= (Object.hasOwn(amounts, name) ? (amounts[name] ?? 0) : name === 'memory' ? Infinity : 0)) continue
    return Object.hasOwn(has, name)
      ? `it requests ${asked[name]} of ${name}, but the project has ${has[name]}`
      : `it requests ${asked[name]} of ${name}, which the project does not declare`
  }
  return undefined
}
