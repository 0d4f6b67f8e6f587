import type { LoadedProject } from '../../adapters/project/project-file.js'
import { pushTo } from '../../base/grouping.js'
import { fieldOf, isRecord } from '../../base/records.js'
import { nameInConfig } from '../../declare/object-arguments.js'
import { whilePlanning } from '../../declare/object.js'
import { toParam } from '../../declare/param.js'
import { isTask, type Task } from '../../declare/task.js'
import { docOf, schemaOf } from '../../plan/inspect/config-schema.js'
import { defaultOf } from '../../plan/inspect/schema-of-codec.js'
import { indexProject, type IndexedTask, type ProjectIndex } from '../../plan/names/project-index.js'
import { classesIn } from '../../plan/params/classes-in.js'
import type { ClassFact, ExportedAt, ParamFact, ProjectFacts } from '../facts.js'

/** A module of the project and what it exports. */
export interface LoadedModule {
  readonly file: string
  readonly exports: object
}

/** Everything that an editor needs to know about a loaded project, as plain data. */
export const factsOf = ({ project, file, root }: LoadedProject, modules: readonly LoadedModule[]): ProjectFacts => {
  const index = indexProject(project)
  const exported = exportsOf(modules)
  const entries = [...index.entries.values()]
  return {
    file,
    root,
    configs: project.configs,
    globals: Object.keys(project.globals),
    tasks: entries.map((entry) => ({
      name: entry.fullName,
      doc: docOf(entry),
      params: entry.params.map((param) => param.nameInConfig),
      exported: exported.get(entry.task) ?? [],
    })),
    ...whilePlanning(index.objects, () => ({ params: paramsOf(entries, index), classes: classesOf(index) })),
    configSchema: schemaOf(project),
    contextSchema: schemaOf(project, { of: 'contexts' }),
    modules: modules.map((module) => module.file),
  }
}

/** Where each task is exported, including modules that re-export it. */
const exportsOf = (modules: readonly LoadedModule[]): ReadonlyMap<Task, readonly ExportedAt[]> => {
  const found = new Map<Task, ExportedAt[]>()
  const walk = (file: string, record: object, depth: number): void => {
    for (const name of Object.keys(record)) {
      const value = exportNamed(record, name)
      if (isTask(value)) pushTo(found, value, { file, name })
      else if (depth > 0 && isRecord(value) && Object.getPrototypeOf(value) === Object.prototype)
        walk(file, value, depth - 1)
    }
  }
  for (const { file, exports } of modules) walk(file, exports, 2)
  return found
}

/** In a cycle of imports, an export that is not initialised yet cannot be read. */
const exportNamed = (record: object, name: string): unknown => {
  try {
    return fieldOf(record, name)
  } catch {
    return undefined
  }
}

const paramsOf = (entries: readonly IndexedTask[], { objects }: ProjectIndex): readonly ParamFact[] => {
  const readers = new Map<string, { task: string; param: IndexedTask['params'][number] }[]>()
  for (const entry of entries)
    for (const param of entry.params) pushTo(readers, param.nameInConfig, { task: entry.fullName, param })
  return [...readers].map(([name, all]) => {
    const declared = all.map(({ param }) => param.declared)
    const fallbacks = unique(declared.map((one) => shown(defaultOf(one, objects)?.value)))
    return {
      name,
      types: unique(declared.map(({ codec }) => codec.name.slice(0, 80))),
      fallback: fallbacks.length === 1 ? fallbacks[0] : undefined,
      docs: unique(declared.flatMap(({ doc }) => doc ?? [])),
      secret: declared.some(({ secret }) => secret),
      required: declared.some(({ fallback }) => fallback._tag === 'None'),
      readers: all.map(({ task, param }) => ({ task, param: param.name })),
    }
  })
}

const unique = <A>(values: readonly A[]): readonly A[] => [...new Set(values)]

const shown = (value: unknown): string | undefined => {
  const text = value === undefined ? undefined : JSON.stringify(value)
  return text !== undefined && text.length > 80 ? `${text.slice(0, 79)}…` : text
}

/** Registered classes, and those that params allow themselves. */
const classesOf = ({ entries, objects }: ProjectIndex): readonly ClassFact[] => {
  const seen = new Set<unknown>()
  const admitted = [...entries.values()].flatMap(({ params }) =>
    params.flatMap(({ declared }) => classesIn(declared.codec, seen)),
  )
  const classes = new Map([...admitted, ...objects.values()].map((one) => [one.className, one]))
  return [...classes.values()].map(({ className, args }) => ({
    name: className,
    arguments: Object.entries(args).map(([name, spec]) => {
      const { codec, secret, doc, ...declared } = toParam(spec)
      return {
        declared: name,
        name: nameInConfig(name, spec),
        type: codec.name.slice(0, 80),
        fallback: shown(defaultOf({ ...declared, codec, secret, doc }, objects)?.value),
        doc,
        secret,
      }
    }),
  }))
}
