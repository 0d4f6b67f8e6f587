import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { firstProblem } from '../../declare/codec/codec.js'
import { guarded } from '../../declare/codec/guarded.js'
import { Amount, AtOnce } from '../../declare/limits.js'
import type { UsageError } from '../../errors.js'
import { taskchainError } from '../../explain.js'
import type { ChainOptions, RunOptions } from './chain-types.js'
import type { RunOptions as EngineOptions } from '../engine/run-types.js'
import { fieldOf, isObject } from '../../base/records.js'

/** Options are validated on entry: an invalid one would otherwise fail much later, or never. */

/** A value of which only its methods are checked. */
const withMethods = (name: string, ...methods: readonly string[]): t.Type<object> => {
  const is = (value: unknown): value is object =>
    isObject(value) && methods.every((method) => typeof value[method] === 'function')
  return guarded(name, is)
}

const runOptions: Readonly<Record<keyof RunOptions, t.Mixed>> = {
  onEvent: t.Function,
  signal: withMethods('an AbortSignal', 'addEventListener', 'throwIfAborted'),
  failFast: t.boolean,
  concurrency: AtOnce,
  adopt: t.boolean,
}

const chainOptions: Readonly<Record<keyof ChainOptions, t.Mixed>> = {
  store: t.union([t.string, withMethods('a store', 'stage', 'list')], 'a folder or a store'),
  concurrency: AtOnce,
  logLevel: t.keyof({ debug: null, info: null, warn: null, error: null, silent: null }),
  durability: t.keyof({ group: null, each: null, none: null }),
  onEvent: t.Function,
  executor: withMethods('an executor, as workerThreads(…) gives it', 'execute'),
  memoryLimit: Amount,
  noRepair: t.boolean,
  checkMutation: t.boolean,
  history: t.boolean,
}

/** Throws a `TaskchainError` that names every option its codec rejects; undefined options count as omitted. */
export const checkOptions = (codecs: Readonly<Record<string, t.Mixed>>, options: object): void => {
  const errors = Object.entries(codecs).flatMap(([option, codec]): readonly UsageError[] => {
    const value = fieldOf(options, option)
    const outcome = value === undefined ? E.right(undefined) : codec.decode(value)
    return E.isLeft(outcome) ? [{ _tag: 'BadOption', option, problem: firstProblem(outcome.left).message }] : []
  })
  const [first, ...others] = errors
  if (first !== undefined) throw taskchainError([first, ...others])
}

/** Checks the options of a chain. Throws a `TaskchainError`. */
export const checkChainOptions = (options: ChainOptions): void => checkOptions(chainOptions, options)

/** The options of a run as the engine expects them. Throws a `TaskchainError`. */
export const requestOf = (options: RunOptions): EngineOptions => {
  checkOptions(runOptions, options)
  const { onEvent, signal, failFast, concurrency, adopt } = options
  return {
    tellSaved: true,
    ...(onEvent === undefined ? {} : { onEvent }),
    ...(signal === undefined ? {} : { signal }),
    ...(failFast === undefined ? {} : { failFast }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(adopt === undefined ? {} : { adopt }),
  }
}
