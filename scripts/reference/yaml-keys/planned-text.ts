import * as E from 'fp-ts/lib/Either.js'
import type { ConfigDocument } from '../../../src/config/config-types.js'
import { parseDocument } from '../../../src/config/document.js'
import { placeholdersOf } from '../../../src/config/placeholders.js'
import { idOf, usesOf } from '../../../src/config/uses.js'
import type { PlanError } from '../../../src/errors.js'
import { explainAll } from '../../../src/explain.js'
import { plan, type PlanNode } from '../../../src/plan/index.js'
import { indexProject } from '../../../src/plan/names/project-index.js'
import { makeSelector } from '../../../src/plan/names/select-tasks.js'
import project from './example-project.js'

/** Configs of an example by file; the first is planned, those in `contexts/` override its values. */
export type Files = Readonly<Record<string, string>>

/** Plans an example: a line for each node, then warnings; or all errors. */
export const plannedText = (files: Files): string => {
  const parsed = Object.entries(files).map(([origin, text]) => [origin, parseDocument(origin, text)] as const)
  const wrong = parsed.flatMap(([, document]) => (E.isLeft(document) ? document.left : []))
  if (wrong.length > 0) return explainAll(wrong)
  const documents = new Map<string, ConfigDocument>(
    parsed.flatMap(([origin, document]) => (E.isRight(document) ? [[origin, document.right] as const] : [])),
  )
  const [entry = ''] = documents.keys()
  const contexts = [...documents.keys()].filter((origin) => origin.startsWith('contexts/'))
  const planned = plan(project, documents, { entry, contexts, environment: { API_KEY: 'sk-123' } })
  if (E.isLeft(planned)) return explainAll(planned.left)
  const { nodes, warnings } = planned.right
  return [...nodes.map(lineOf), ...(warnings.length === 0 ? [] : [explainAll(warnings)])].join('\n')
}

const index = indexProject(project)

/** Names of the tasks that a pattern matches, or the error if it matches none. */
export const broughtBy = (pattern: string): string => {
  const errors: PlanError[] = []
  const place = { origin: 'configs/films.yaml', line: 1, column: 8 }
  const found = makeSelector(index).select({ tasks: [{ pattern, place }], excludedTasks: [] }, errors)
  return found.length > 0 ? found.map(({ entry }) => entry.fullName).join(', ') : explainAll(errors)
}

/** What an entry of `uses` means in the file `configs/more/all.yaml`. */
export const meantBy = (entry: string): string => {
  const place = { origin: 'configs/more/all.yaml', line: 1, column: 7 }
  const paths = { text: placeholdersOf({ CONFIGS: '/home/me/project/shared' }).text, root: '/home/me/project' }
  const { entries, errors } = usesOf(place.origin, [{ text: entry, place }], paths)
  const [found] = entries
  return found === undefined ? explainAll(errors) : `${idOf(found.origin, found.part ?? '')}${found.namespace === '' ? '' : ` in ${found.namespace}`}`
}

const lineOf = ({ id, params, readableName }: PlanNode): string => {
  return [
    [id, Object.entries(params).map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join(', ')].filter(Boolean).join('   '),
    ...(readableName === undefined ? [] : [`    link: ${readableName}`]),
  ].join('\n')
}
