import type * as t from 'io-ts'
import { inMode } from '../declare/codec/codec-mode.js'
import { ObjectType } from '../declare/object.js'
import type { Project } from '../declare/project.js'
import { isObjectForm, readyClass, type ReadyObjects } from '../declare/ready-objects.js'
import { indexProject } from '../plan/names/project-index.js'
import type { Fields } from '../base/records.js'

/** Values that tests give for params: objects that are ready become marks, which plans can hold. */

/**
 * Meets all objects in a value of a param, so that `ready` knows them. What the codec cannot encode is left to the
 * planner.
 */
export const meetObjects = (codec: t.Type<any, any>, value: unknown, ready: ReadyObjects): void =>
  void encoded(codec, value, ready)

/** What a config would say in place of a value that holds objects; any other value as it is. */
export const inConfigForm = (codec: t.Type<any, any>, value: unknown, ready: ReadyObjects): unknown =>
  (codec instanceof ObjectType && !isObjectForm(value)) || holdsInstance(value) ? encoded(codec, value, ready) : value

/** Config values by name, led through `inConfigForm` with the codec of the param that reads them. */
export const inConfigForms = (project: Project, values: Fields, ready: ReadyObjects): Fields => {
  const params = [...indexProject(project).entries.values()].flatMap((entry) => entry.params)
  const codecs = new Map(params.map(({ nameInConfig, declared }) => [nameInConfig, declared.codec]))
  const led = Object.entries(values).map(([name, value]): [string, unknown] => {
    const codec = codecs.get(name)
    return [name, codec === undefined ? value : inConfigForm(codec, value, ready)]
  })
  return Object.fromEntries(led)
}

/** The project with the class of its ready objects, where a test gave some. */
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

/** True where a class instance or a function is in plain lists and records. */
const holdsInstance = (value: unknown, above: readonly unknown[] = []): boolean => {
  if (typeof value === 'function') return true
  if (typeof value !== 'object' || value === null || above.includes(value)) return false
  if (Array.isArray(value)) return value.some((item) => holdsInstance(item, [...above, value]))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return true
  return Object.values(value).some((field) => holdsInstance(field, [...above, value]))
}
