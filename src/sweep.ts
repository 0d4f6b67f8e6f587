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

/** Values to sweep over, by their names in configs; a dotted name changes one field inside a value. */
export type SweepSet = Readonly<Record<string, readonly unknown[]>>

/** `min_votes` → `minVotes`: converts names in configs to those in declarations. */
type Camel<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S

/** Types that the project's tasks accept under a name. A task's type does not distinguish params and inputs. */
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
/** The type that a config gives for a value: for branded numbers and texts, the brand is the codec's concern. */
type Said<A> = A extends object ? (A extends number ? number : A extends string ? string : A) : A
/** Checked if all tasks that know the name take a simple value, which a config gives just as `run` gets it. */
type ValuesFor<Name extends string, Given, Taken> = [Taken] extends [never]
  ? unknown
  : [Taken] extends [Simple]
    ? Given extends readonly (infer One)[]
      ? [One] extends [never]
        ? unknown
        : [One & Said<Taken>] extends [never]
          ? Wrong<`'${Name}' takes ${Kinds<Said<Taken>>}, but these values are not`>
          : readonly Said<Taken>[]
      : unknown
    : unknown
/** An error sentence as a key that no list has: a text would be compared with the list's items and shown as `never`. */
type Wrong<Sentence extends string> = { readonly [S in CompileError<Sentence>]: never }
/** The kind of a value as text. */
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
/** Values of metrics, in the order of the metrics. */
export type MetricValues<M, Metrics extends readonly Wanted[]> = {
  readonly [I in keyof Metrics]: ValueAsked<M, Metrics[I]>
}

/** What to sweep, which results to tabulate, and how to run. */
export interface SweepOptions<M extends Modules, Set extends SweepSet, Metrics extends readonly Wanted[]>
  extends Omit<PlanOptions, 'set'>,
    ChainOptions {
  /**
   * The values of each name; all combinations unless `zip` is set. The compiler checks the values of params that the
   * project's tasks take as numbers, texts or booleans.
   */
  readonly set: Set & CheckedSet<M, Set>
  /**
   * `true`: pair all first values, all second values, and so on; or groups of names that are paired, combined with the
   * others. Default: all combinations.
   */
  readonly zip?: SweepZip
  /** Tasks whose values become the table. */
  readonly metrics?: Metrics & { readonly [I in keyof Metrics]: Asked<M, Metrics[I]> }
  /** Tasks to compute in addition to the metrics. Default: all whose results are kept. */
  readonly tasks?: readonly WantedOf<M>[]
}

/**
 * Plans a config once for each combination of values, without computing anything: `preview()` says what a run would do.
 * Rejects with `TaskchainError`, which holds all errors of all combinations; a swept name that no task reads is an
 * error.
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
  // has the types of the given names and metrics
  return makeSweep(session, chains, { tasks, metrics: metrics ?? [] }, close) as Sweep<any, any>
}

/**
 * Runs a config with all combinations of values, as a single run: equal nodes are computed once, stored results are
 * reused, and a failing combination affects only its own row. Resolves with a table of params × metrics; rejects with
 * `TaskchainError` if nothing could be planned.
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

/** One plan for each combination; reports all errors of all combinations together. */
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
    if (errors.length > maxErrors) break
  }
  throwAll(errors)
  return chains
}

const maxErrors = 200

/**
 * A sweep shows its values in the table, so secrets cannot be swept; they are in no key, so all rows would be equal.
 */
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

/** Sweeping over a name that nothing reads is a mistake: all rows would be equal. */
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
  throw new RangeError('something went wrong without an error') // a left has at least one
}
