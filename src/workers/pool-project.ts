import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plan } from '../plan/plan-types.js'

/** The file that threads and processes import; throws a `RangeError` if it does not exist. */
export const projectFile = (executor: string, project: string | URL): string => {
  const file = project instanceof URL || project.startsWith('file:') ? fileURLToPath(project) : resolve(project)
  if (!existsSync(file))
    throw new RangeError(`there is no file ${file}; ${executor}({ project }) needs the file that exports the project`)
  return file
}

/** Plans by number: a plan is sent once to each thread or process, however many of its nodes follow. */
export const planNumbers = (): ((plan: Plan) => number) => {
  const numbers = new WeakMap<Plan, number>()
  let plans = 0
  return (plan) => {
    const number = numbers.get(plan) ?? plans++
    numbers.set(plan, number)
    return number
  }
}
