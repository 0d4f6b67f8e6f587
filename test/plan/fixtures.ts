import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import type {
  ConfigValue,
  Located,
  ResolvedConfig,
  ResolvedConfigs,
  ResolvedValue,
  TaskPattern,
} from '../../src/config/config-types.js'
import type { Place, PlanError } from '../../src/errors.js'
import type { Project } from '../../src/declare/project.js'
import { planChain } from '../../src/plan/plan.js'
import type { Plan, PlanNode } from '../../src/plan/plan-types.js'

/** Resolved configs written by hand, so that the planner is tested without YAML. */

export interface ConfigSpec {
  readonly id?: string
  readonly namespace?: string
  readonly tasks?: string | readonly string[]
  readonly excluded?: string | readonly string[]
  readonly values?: Readonly<Record<string, ConfigValue>>
  /** Values with placeholders replaced, where they differ. */
  readonly expanded?: Readonly<Record<string, ConfigValue>>
  readonly readableName?: string
}

const place = (origin: string, line: number): Place => ({ origin, line, column: 1 })
const list = (patterns: string | readonly string[] | undefined): readonly string[] =>
  patterns === undefined ? [] : typeof patterns === 'string' ? [patterns] : patterns

/** Places as if each pattern and each value had a line of its own. */
export const configOf = ({
  id = 'main.yaml',
  namespace = '',
  tasks,
  excluded,
  values = {},
  expanded = {},
  readableName,
}: ConfigSpec): ResolvedConfig => {
  const patterns = (given: string | readonly string[] | undefined, from: number): readonly TaskPattern[] =>
    list(given).map((pattern, index) => ({ pattern, place: place(id, from + index) }))
  return {
    id,
    origin: id,
    name: id.replace(/\.yaml$/, ''),
    namespace,
    place: place(id, 1),
    tasks: patterns(tasks, 1),
    excludedTasks: patterns(excluded, 50),
    values: new Map(
      Object.entries(values).map(([name, value], index): [string, ResolvedValue] => [
        name,
        valueOf(value, name in expanded ? (expanded[name] as ConfigValue) : value, place(id, 100 + index)),
      ]),
    ),
    humanReadableName: readableName,
    uses: [],
  }
}

const valueOf = (unexpanded: ConfigValue, expanded: ConfigValue, at: Place): ResolvedValue => ({
  unexpanded,
  expanded,
  located: locate(unexpanded, at),
  overrides: undefined,
  own: undefined,
  fromContext: false,
})

const locate = (value: ConfigValue, at: Place): Located => {
  if (typeof value !== 'object' || value === null) return { value, place: at }
  return {
    value,
    place: at,
    parts: new Map(
      Object.entries(value).map(([name, part], index) => [
        name,
        locate(part, { ...at, column: at.column + 10 * (index + 1) }),
      ]),
    ),
  }
}

export const resolvedOf = (...specs: readonly ConfigSpec[]): ResolvedConfigs => {
  const configs = specs.map(configOf)
  return { entry: configs[0]?.id ?? 'main.yaml', configs, contextValues: [], contextName: undefined, warnings: [] }
}

export const planned = (project: Project, ...specs: readonly ConfigSpec[]): Plan =>
  right(planChain(project, resolvedOf(...specs)))

export const refused = (project: Project, ...specs: readonly ConfigSpec[]): NonEmptyArray<PlanError> =>
  left(planChain(project, resolvedOf(...specs)))

export const right = <A>(outcome: E.Either<unknown, A>): A => {
  if (E.isRight(outcome)) return outcome.right
  throw new Error(JSON.stringify(outcome.left, null, 2))
}

export const left = <L>(outcome: E.Either<L, unknown>): L => {
  if (E.isLeft(outcome)) return outcome.left
  throw new Error('planned, but an error was expected')
}

export const nodeIn = (plan: Plan, id: string): PlanNode => {
  const node = plan.nodes.find((one) => one.id === id)
  if (node === undefined) throw new Error(`no node ${id} among ${plan.nodes.map((one) => one.id).join(', ')}`)
  return node
}
