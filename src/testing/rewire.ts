import { inMemory } from '../declare/format.js'
import type { Input } from '../declare/input.js'
import { defineTask, isTask, makeTask, type Task } from '../declare/task.js'

/**
 * A task with `change` applied to its inputs; the same task if nothing changed. Wrappers (`from`, `optional`, `lazy`,
 * `asPath`) are preserved.
 */
export const rewired = (task: Task, change: (inner: Task) => Task): Task => {
  const entries = Object.entries(task.declaration.inputs)
  const changed = entries.map(([role, input]) => [role, throughWrappers(input, change)] as const)
  if (changed.every(([, input], index) => input === entries[index]?.[1])) return task
  return makeTask(Object.freeze({ ...task.declaration, inputs: Object.freeze(Object.fromEntries(changed)) }), task.run)
}

/** Inputs that wrap another input. */
export const isWrapper = (input: Input): input is Extract<Input, { readonly input: Input }> => 'input' in input

const throughWrappers = (input: Input, change: (inner: Task) => Task): Input => {
  if (isTask(input)) return change(input)
  if (isWrapper(input)) {
    const inner = throughWrappers(input.input, change)
    return inner === input.input ? input : Object.freeze({ ...input, input: inner })
  }
  return input
}

/** A task that just returns a value. */
export const standIn = (value: unknown): Task => defineTask({ data: inMemory<unknown>() }).run(() => value)
