import type { Project } from '../declare/project.js'
import { amountsOf } from '../base/resource-amounts.js'
import { indexProject } from '../plan/names/project-index.js'

/** A project for a test, with as much of each resource as any of its tasks requests. */
export const enoughFor = (project: Project): Project => {
  const most: Record<string, number> = {}
  for (const { task } of indexProject(project).entries.values())
    for (const [name, amount] of Object.entries(amountsOf(task.declaration.resources ?? {})))
      most[name] = Math.max(most[name] ?? 0, amount)
  return Object.keys(most).length === 0 ? project : Object.freeze({ ...project, resources: Object.freeze(most) })
}
