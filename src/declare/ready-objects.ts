import * as t from 'io-ts'
import type { ObjectDefinition, ObjectRegistry } from './object-types.js'
import { param } from './param.js'
import { fieldOf, isPlainRecord } from '../base/records.js'

/** Parameter objects that a test passes as instances, real or fake: in plans and keys a marker takes their place. */

/** The `class` of such an object. Configs cannot use it: only the registries of tests contain it. */
export const readyClass = 'ready object of a test'

/** The class of ready objects: if a registry has it, instances given by a test may replace objects of any class. */
export interface ReadyObjects extends ObjectDefinition {
  /** The form in plans of an instance given by the test; undefined for any other. */
  readonly markOf: (instance: unknown) => object | undefined
  /** Treats every instance found during the work as given by the test. */
  readonly taking: <A>(work: () => A) => A
  /** Number of instances the test gave. */
  readonly count: () => number
}

/**
 * Creates the class without any instances yet. `token` keeps its keys apart from those of other tests, for stores that
 * outlive one test.
 */
export const readyObjects = (token?: string): ReadyObjects => {
  const instances: unknown[] = []
  let takes = false
  const numberOf = (instance: unknown): number => {
    const known = instances.findIndex((one) => Object.is(one, instance))
    return known < 0 && takes ? instances.push(instance) : known + 1
  }
  return Object.freeze({
    _tag: 'ObjectDefinition',
    className: readyClass,
    args: {
      number: t.number,
      type: param(t.string, { default: '' }),
      test: param(t.union([t.string, t.null]), { default: null }),
    },
    create: ({ number }: { readonly number: number }) => instances[number - 1],
    of: () => {
      throw new TypeError('ready objects are passed as instances')
    },
    markOf: (instance: unknown) => {
      if (instance === null || (typeof instance !== 'object' && typeof instance !== 'function')) return undefined
      const number = numberOf(instance)
      const kwargs = { number, type: typeName(instance), ...(token === undefined ? {} : { test: token }) }
      return number === 0 ? undefined : { class: readyClass, kwargs }
    },
    taking: <A>(work: () => A): A => {
      takes = true
      try {
        return work()
      } finally {
        takes = false
      }
    },
    count: () => instances.length,
  })
}

/** The ready objects of a registry. */
export const readyIn = (registry: ObjectRegistry): ReadyObjects | undefined => {
  const found = registry.get(readyClass)
  return found !== undefined && isReady(found) ? found : undefined
}

const isReady = (definition: ObjectDefinition): definition is ReadyObjects => 'markOf' in definition

/** True for the config form of an object. */
export const isObjectForm = (value: unknown): boolean =>
  isPlainRecord(value) &&
  typeof value['class'] === 'string' &&
  Object.keys(value).every((name) => name === 'class' || name === 'args' || name === 'kwargs')

const typeName = (instance: unknown): string => {
  if (typeof instance !== 'object' || instance === null) return typeof instance
  const name = fieldOf(fieldOf(instance, 'constructor'), 'name')
  return typeof name === 'string' ? name : 'object'
}
