import type * as t from 'io-ts'
import { inMode } from '../declare/codec/codec-mode.js'
import { ObjectType } from '../declare/object.js'
import type { Project } from '../declare/project.js'
import { isObjectForm, readyClass, type ReadyObjects } from '../declare/ready-objects.js'
import { indexProject } from '../plan/names/project-index.js'
import type { Fields } from '../base/records.js'

/** Param values given by tests: ready objects are replaced by markers, which plans can hold. */

/** Registers all objects in a param value with `ready`. Values that the codec cannot encode are left to the planner. */
export const registerObjects = (codec: t.Type<any, any>, value: unknown, ready: ReadyObjects): void =>
  void encoded(codec, value, ready)

/** The config form of a value that holds objects; any other value unchanged. */
export const inConfigForm = (codec: t.Type<any, any>, value: unknown, ready: ReadyObjects): unknown =>
  (codec instanceof ObjectType && !isObjectForm(value)) || holdsInstance(value) ? encoded(codec, value, ready) : value

/** Config values by name, each converted by `inConfigForm` with the codec of the param that reads it. */
export const inConfigForms = (project: Project, values: Fields, ready: ReadyObjects): Fields => {
  const params = [...indexProject(project).entries.values()].flatMap((entry) => entry.params)
  const codecs = new Map(params.map(({ nameInConfig, declared }) => [nameInConfig, declared.codec]))
  const led = Object.entries(values).map(([name, value]): [string, unknown] => {
    const codec = codecs.get(name)
    return [name, codec === undefined ? value : inConfigForm(codec, value, ready)]
  })
  return Object.fromEntries(led)
}

/** The project with the class of ready objects added, if a test gave some. */
export const withReady = (project: Project, ready: ReadyObjects): Project =>
  ready.count() === 0 ? project : Object.freeze({ ...project, objects: Object.freeze([...project.objects, ready]) })

const encoded = (codec: t.Type<any, any>, value: unknown, ready: ReadyObjects): unknown => {
  const registry = new Map([[readyClass, ready]])
  try {
    return inMode({ registry, context: undefined, forKey: false }, () =>
      ready.taking<unknown>(() => codec.encode(value)),
    )
  } catch {
    return value
  }
}

/** True if plain lists and records contain a class instance or a function. */
const holdsInstance = (value: unknown, above: readonly unknown[] = []): boolean => {
  if (typeof value === 'function') return true
  if (typeof value !== 'object' || value === null || above.includes(value)) return false
  if (Array.isArray(value)) return value.some((item) => holdsInstance(item, [...above, value]))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return true
  return Object.values(value).some((field) => holdsInstance(field, [...above, value]))
}
