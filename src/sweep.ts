import * as E from 'fp-ts/lib/Either.js'
import { setOrigin } from './config/context.js'
import type { Asked, Modules, Project, ValueAsked } from './declare/project.js'
import type { CompileError } from './declare/types.js'
import type { AnyError, UsageError } from './errors.js'
import { taskchainError } from './explain.js'
import { openOptions, openSession } from './open-chain.js'
import { namesSecret } from './plan/params/given-secrets.js'
import { indexProject } from './plan/names/project-index.js'
import { combinationsOf, type Combination, type SweepAxis, type SweepZip } from './plan/sweep/combinations.js'
import type { Plan } from './plan/plan-types.js'
import type { Planned } from './plan/plan-documents.js'
import { readWholeConfig, type PlanOptions } from './planner/plan-config.js'
import type { ChainOptions, RunOptions, Wanted, WantedOf } from './runtime/chain/chain-types.js'
import { refuseUnknown } from './runtime/session/refuse-unknown.js'
import { makeSweep, type Sweep, type SweepChain } from './runtime/chain/sweep-chains.js'
import type { SweepResult } from './runtime/chain/sweep-table.js'

/** Values to sweep over, by name as configs have it; a dotted name changes one leaf. */
export type SweepSet = Readonly<Record<string, readonly unknown[]>>

/** `min_votes` → `minVotes`, back from configs to declarations. */
type Camel<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S

/** Types of what the project's tasks take under a name. A task's type does not distinguish params and inputs. */
type ArgumentNamed<M, Name extends string> = { [G in keyof M]: ArgumentIn<M[G], Name> }[keyof M]
type ArgumentIn<Pipeline, Name extends string> = {
  [K in keyof Pipeline]: Pipeline[K] extends {
    readonly _tag: 'Task'
    readonly run: (args: infer Args, context: never) => unknown
  }
    ? Name extends keyof Args
      ? Args[Name]
      : never
    : never
}[keyof Pipeline]

type Simple = string | number | boolean | bigint | null | undefined
/** What a config says for a value: of a branded number or text the brand is the codec's affair. */
type Said<A> = A extends object ? (A extends number ? number : A extends string ? string : A) : A
/** Checked where all tasks that know the name take a simple value: there a config says what `run` gets. */
type ValuesFor<Name extends string, Given, Taken> = [Taken] extends [never]
  ? unknown
  : [Taken] extends [Simple]
    ? Given extends readonly (infer One)[]
      ? [One] extends [never]
        ? unknown
        : [One & Said<Taken>] extends [never]
          ? Wrong<`'${Name}' takes ${Kinds<Said<Taken>>}, these values are none`>
          : readonly Said<Taken>[]
      : unknown
    : unknown
/**
 * The sentence as a name that no list has: as a text it would be compared with the list's items, and shown as `never`.
 */
type Wrong<Sentence extends string> = { readonly [S in CompileError<Sentence>]: never }
/** Values in words. */
type Kinds<A> = [A] extends [number | null | undefined]
  ? 'numbers'
  : [A] extends [boolean | null | undefined]
    ? 'true and false'
    : [A] extends [string | null | undefined]
      ? string extends A
        ? 'texts'
        : 'certain texts'
      : 'values of another type'
type CheckedSet<M, Set> = string extends keyof M
  ? unknown
  : {
      readonly [Name in keyof Set]: Name extends string
        ? ValuesFor<Name, Set[Name], ArgumentNamed<M, Camel<Name>>>
        : unknown
    }

/** One value of each list. */
export type SweptParams<Set extends SweepSet> = { readonly [Name in keyof Set]: Set[Name][number] }
/** Values of metrics, in their order. */
export type MetricValues<M, Metrics extends readonly Wanted[]> = {
  readonly [I in keyof Metrics]: ValueAsked<M, Metrics[I]>
}

/** What to sweep, what for, and how to run. */
export interface SweepOptions<M extends Modules, Set extends SweepSet, Metrics extends readonly Wanted[]>
  extends Omit<PlanOptions, 'set'>,
    ChainOptions {
  /**
   * The values of each name, crossed unless `zip` says otherwise. Values of params that the project's tasks take as
   * numbers, texts or flags are checked by the compiler.
   */
  readonly set: Set & CheckedSet<M, Set>
  /**
   * `true`: the first values together, then the second ones, and so on; or groups of names that go together, crossed
   * with the others. Default: all crossed.
   */
  readonly zip?: SweepZip
  /** Tasks whose values make the table. */
  readonly metrics?: Metrics & { readonly [I in keyof Metrics]: Asked<M, Metrics[I]> }
  /** Tasks to compute besides the metrics. Default: all that are kept. */
  readonly tasks?: readonly WantedOf<M>[]
}

/**
 * Plans a config once for each combination of values, with nothing computed yet: `preview()` says what a run would do.
 * Rejects with `TaskchainError`, which holds all that is wrong with any combination; a swept name that no task reads is
 * an error.
 *
 * @example
 * const models = await openSweep(project, {
 *   config: 'model',
 *   set: { min_votes: [100, 500], seed: [1, 2] },
 *   metrics: [testMetrics],
 * })
 * const { toRun } = await models.preview()
 * await models.close()
 */
export const openSweep = async <M extends Modules, Set extends SweepSet, const Metrics extends readonly Wanted[] = []>(
  project: Project<M>,
  options: SweepOptions<M, Set, Metrics>,
): Promise<Sweep<SweptParams<Set>, MetricValues<M, Metrics>>> => {
  refuseUnknown(options, { ...openOptions, zip: 1, metrics: 1, tasks: 1, signal: 1, failFast: 1, adopt: 1 }, 'a sweep')
  const { set, zip, metrics, tasks, ...rest } = options
  const axes = Object.entries<readonly unknown[]>(set).map(([name, values]) => ({ name, values }))
  throwAll(secretNames(project, axes))
  const combinations = orThrow(combinationsOf(axes, zip))
  const config = orThrow(await readWholeConfig(project, rest))
  const chains = await plansOf(
    async (set) => (await config.plan({ set, unread: { configs: project.strict } })).planned,
    combinations,
  )
  const unread = unreadNames(
    chains,
    axes.map(({ name }) => name),
  )
  throwAll(unread)
  const { session, close } = await openSession(project, rest, () =>
    rest.context === undefined ? {} : { context: rest.context },
  )
  // typed by the names and metrics that it was given
  return makeSweep(session, chains, { tasks, metrics: metrics ?? [] }, close) as Sweep<any, any>
}

/**
 * Runs a config under all combinations of values, as one: what is equal is computed once, what is stored is not
 * computed again, and a failing combination fails its own row only. Resolves with a table of params × metrics; rejects
 * with `TaskchainError` where nothing could be planned.
 *
 * @example
 * const { rows } = await sweep(project, {
 *   config: 'model',
 *   set: { min_votes: [100, 500], seed: [1, 2] },
 *   metrics: [testMetrics],
 * })
 * for (const row of rows) if (row.outcome === 'done') console.log(row.params.min_votes, row.values[0].rmse)
 * rows.length // => 4
 */
export const sweep = async <M extends Modules, Set extends SweepSet, const Metrics extends readonly Wanted[] = []>(
  project: Project<M>,
  options: SweepOptions<M, Set, Metrics> & Pick<RunOptions, 'signal' | 'failFast' | 'adopt'>,
): Promise<SweepResult<SweptParams<Set>, MetricValues<M, Metrics>>> => {
  const { signal, failFast, adopt } = options
  const opened = await openSweep<M, Set, Metrics>(project, options)
  try {
    return await opened.run({
      ...(signal === undefined ? {} : { signal }),
      ...(failFast === undefined ? {} : { failFast }),
      ...(adopt === undefined ? {} : { adopt }),
    })
  } finally {
    await opened.close()
  }
}

/** One plan for each combination; all errors of all of them at once. */
const plansOf = async (
  planWith: (params: Combination) => Promise<Planned>,
  combinations: readonly Combination[],
): Promise<readonly SweepChain[]> => {
  const errors: AnyError[] = []
  const chains: SweepChain[] = []
  for (const params of combinations) {
    const planned = await planWith(params)
    if (E.isRight(planned)) chains.push(Object.freeze({ params, plan: planned.right }))
    else for (const one of planned.left) errors.push(one)
    if (errors.length > mostErrors) break
  }
  throwAll(errors)
  return chains
}

const mostErrors = 200

/** The values of a sweep are shown in its table, and secrets are in no key: all rows would be the same. */
const secretNames = (project: Project, axes: readonly SweepAxis[]): readonly UsageError[] =>
  axes.flatMap(({ name }): readonly UsageError[] =>
    namesSecret(indexProject(project), name)
      ? [
          {
            _tag: 'BadOption',
            option: `sweep over '${name}'`,
            problem: 'it is a secret, which is shown nowhere and changes no result',
          },
        ]
      : [],
  )

/** To sweep over what nobody reads is a slip: all rows would be the same. */
const unreadNames = (chains: readonly SweepChain[], names: readonly string[]): readonly UsageError[] =>
  names.flatMap((name): readonly UsageError[] => {
    const warnings = chains.map(({ plan }) => warningOf(plan, name))
    const [first] = warnings
    if (first === undefined || warnings.includes(undefined)) return []
    const near = first.near.map((one) => `'${one}'`).join(' or ')
    const problem = `no task of this chain reads it${near === '' ? '' : `; did you mean ${near}?`}`
    return [{ _tag: 'BadOption', option: `sweep over '${name}'`, problem }]
  })

const warningOf = ({ warnings }: Plan, name: string) =>
  warnings.flatMap((warning) =>
    warning._tag === 'UnusedContextValue' && warning.place.origin === setOrigin && warning.name === name
      ? [warning]
      : [],
  )[0]

const throwAll = (errors: readonly AnyError[]): void => {
  const [first, ...others] = new Map(errors.map((error) => [JSON.stringify(error), error])).values()
  if (first !== undefined) throw taskchainError([first, ...others])
}

const orThrow = <A>(outcome: E.Either<readonly AnyError[], A>): A => {
  if (E.isRight(outcome)) return outcome.right
  throwAll(outcome.left)
  throw new RangeError('something went wrong without an error') // a left has one at least
}
