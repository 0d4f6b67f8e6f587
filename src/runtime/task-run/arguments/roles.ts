import type { AnyFormat } from '../../../declare/format.js'
import type { Input } from '../../../declare/input.js'
import { oncePerTask, type Task } from '../../../declare/task.js'
import type * as t from 'io-ts'
import { mayReadContext, usedArguments } from './used-arguments.js'
import { isFormat } from '../../../declare/json/json.js'

/** How a declared input behaves at run time, however it is wrapped. */
export interface Role {
  readonly name: string
  /** `run` gets a thunk. */
  readonly lazy: boolean
  /** `run` gets the path of the artifact, not its value. */
  readonly byPath: boolean
  /** The value that `run` gets if the chain has no such task; `outside`: it replaces the thunk, if there is one. */
  readonly fallback: { readonly value: unknown; readonly outside: boolean } | undefined
  readonly matching: boolean
  /** The type that the value must have if the input was found by name. */
  readonly stated: t.Type<any, any> | undefined
  readonly pattern: string
}

/** Roles of a task in order of declaration. */
export const rolesOf = oncePerTask((task: Task): readonly Role[] =>
  Object.entries(task.declaration.inputs).map(([name, input]) => roleOf(name, input)),
)

/** The roles that `run` reads as arguments: they must be available before it starts. */
export const eagerRoles = oncePerTask((task: Task): readonly Role[] => {
  const used = usedArguments(task.run)
  return rolesOf(task).filter((role) => !role.lazy && (used === 'all' || used.has(role.name)))
})

/** Whether `run` may read its context. */
export const takesContext = oncePerTask(({ run }: Task): boolean => mayReadContext(run))

const roleOf = (name: string, declared: Input): Role => {
  let lazy = false
  let byPath = false
  let fallback: Role['fallback']
  let input = declared
  for (;;) {
    switch (input._tag) {
      case 'Lazy':
        lazy = true
        input = input.input
        continue
      case 'Optional':
        fallback ??= { value: input.fallback, outside: !lazy }
        input = input.input
        continue
      case 'InNamespace':
        input = input.input
        continue
      case 'AsPath':
        byPath = true
        input = input.input
        continue
      case 'Matching':
      case 'Ref': {
        const matching = input._tag === 'Matching'
        // the reader decides what it accepts at a path
        const stated = byPath ? undefined : codecIn(input.stated)
        const pattern = input._tag === 'Matching' ? input.pattern.source : input.name
        return { name, lazy, byPath, fallback, matching, stated, pattern }
      }
      case 'Task':
        return { name, lazy, byPath, fallback, matching: false, stated: undefined, pattern: '' }
    }
  }
}

const codecIn = (stated: t.Type<any, any> | AnyFormat | undefined): t.Type<any, any> | undefined =>
  stated === undefined || isFormat(stated) ? undefined : stated
