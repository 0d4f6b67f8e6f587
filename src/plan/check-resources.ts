import type { Project } from '../declare/project.js'
import { lackingResource, problemOfResources } from '../base/resource-amounts.js'
import type { PlanError } from '../errors.js'
import type { IndexedTask } from './names/project-index.js'

/** Finds tasks of a plan that require more resources than the project has: they could never run. */
export const checkResources = (
  project: Project,
  candidates: Iterable<{ readonly entry: IndexedTask }>,
  errors: PlanError[],
): void => {
  const has = project.resources ?? {} // a project made by an older copy of the library has none
  const wrong = problemOfResources(has)
  if (wrong !== undefined) {
    const hint = "use defineProject({ resources: { memory: '48 GB', gpu: 1 } })"
    errors.push({ _tag: 'InvalidDeclaration', task: 'defineProject', problem: wrong, hint })
    return
  }
  const asking = new Set<IndexedTask>()
  for (const { entry } of candidates) if (entry.task.declaration.resources !== undefined) asking.add(entry)
  for (const { task, fullName } of asking) {
    const asked = task.declaration.resources
    const problem =
      asked === undefined || problemOfResources(asked, true) !== undefined ? undefined : lackingResource(asked, has)
    const hint = 'request less, or declare in defineProject({ resources }) how much there is'
    if (problem !== undefined) errors.push({ _tag: 'InvalidDeclaration', task: fullName, problem, hint })
  }
}
