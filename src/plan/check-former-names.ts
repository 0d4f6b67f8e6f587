import type { PlanError } from '../errors.js'
import { isSafeName } from '../declare/names.js'
import type { Declaration, Task } from '../declare/task.js'
import { renamesOf, type Renamed } from './names/former-names.js'
import { isParamSpec } from './check-declaration.js'

/** Errors in the former names of the tasks that have some; `tasks` are all of the project, by current name. */
export const checkFormerNames = (
  renamed: ReadonlyMap<string, Task>,
  tasks: ReadonlyMap<string, { readonly task: Task }>,
): readonly PlanError[] => {
  const errors: PlanError[] = []
  const claimed = new Map<string, string>()
  for (const [task, { declaration }] of renamed) {
    const wrong = (problem: string, hint: string): void =>
      void errors.push({ _tag: 'InvalidDeclaration', task, problem, hint })
    const problem = shapeProblem(declaration)
    if (problem !== undefined) {
      wrong(problem, "use formerly: ['group:old_name'], the oldest name first")
      continue
    }
    for (const one of renamesOf(task, declaration)) {
      if (one.what === 'input' && !Object.hasOwn(declaration.inputs, one.name))
        wrong(`inputsFormerly names '${one.name}', which is not one of its inputs`, 'use the current name of the input')
      const twice = one.former.find((name, at) => one.former.indexOf(name) !== at)
      if (twice !== undefined) wrong(`formerly names '${twice}' twice`, 'list it once')
      for (const name of new Set(one.former)) checkOne(one, name, tasks, claimed, wrong)
    }
  }
  return errors
}

const checkOne = (
  { what, task, name: present }: Renamed,
  name: string,
  tasks: ReadonlyMap<string, { readonly task: Task }>,
  claimed: Map<string, string>,
  wrong: (problem: string, hint: string) => void,
): void => {
  if (what === 'task' && !isNameOfTask(name)) {
    wrong(`formerly names '${name}', which no task could have`, "use 'group:old_name'")
    return
  }
  const { inputs = {}, params = {} } = what === 'task' ? {} : (tasks.get(task)?.task.declaration ?? {})
  const isInUse = what === 'task' ? tasks.has(name) : Object.hasOwn(inputs, name) || Object.hasOwn(params, name)
  const of = what === 'task' ? '' : ` of its ${what} '${present}'`
  if (isInUse) {
    const by = name === present ? 'its own now' : what === 'task' ? 'that of another task now' : 'in use by it now'
    wrong(`the former name '${name}'${of} is ${by}`, 'leave it out, or rename what has the name now')
  }
  const claim = what === 'task' ? name : `${task} ${name}`
  const earlier = claimed.get(claim)
  const claimant = what === 'task' ? task : `its ${what} '${present}'`
  if (earlier === undefined) claimed.set(claim, claimant)
  else wrong(`the former name '${name}' is claimed by ${earlier} too`, 'only one of them can have had this name')
}

const isNameOfTask = (name: string): boolean => name.includes(':') && name.split(':').every(isSafeName)

/** Repeats the compiler's checks for users without TypeScript. */
const shapeProblem = ({ formerly, inputsFormerly, params }: Declaration): string | undefined => {
  const inParams = Object.entries(params).flatMap(([name, spec]) =>
    isParamSpec(spec) && 'formerly' in spec ? [[`formerly of param '${name}'`, spec.formerly] as const] : [],
  )
  const inInputs = Object.entries(inputsFormerly ?? {}).map(
    ([name, former]) => [`inputsFormerly of '${name}'`, former] as const,
  )
  const wrong = [['formerly', formerly] as const, ...inParams, ...inInputs].find(([, list]) => !isListOfNames(list))
  return wrong === undefined ? undefined : `${wrong[0]} is not a list of names`
}

const isListOfNames = (list: unknown): boolean =>
  list === undefined || (Array.isArray(list) && list.every((name) => typeof name === 'string'))
