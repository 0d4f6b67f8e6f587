import { messageOf } from '../base/thrown.js'
import { fieldOf } from '../base/records.js'
import { importedModule } from '../adapters/project/project-file.js'
import { codeFingerprint } from '../runtime/code-drift/code-fingerprint.js'

/** A thread of `onThreads`: one call after the other of a function that a module exports. */

/** Which function, and with what it is called. */
export interface ThreadCall {
  /** Absolute path. */
  readonly module: string
  readonly name: string
  readonly given?: unknown
  readonly context?: object
}

type Called = (given: unknown, context: unknown) => unknown

const functionOf = async ({ module, name }: ThreadCall): Promise<Called> => {
  const exported = await importedModule(module)
  const found = Object.hasOwn(exported, name) ? exported[name] : fieldOf(exported['default'], name)
  if (typeof found === 'function') return found as Called // what it takes, the types of `onThreads` say
  const known = Object.keys(exported).join(', ')
  throw new TypeError(`onThreads: ${module} exports no function '${name}'${known === '' ? '' : `, but ${known}`}`)
}

export const compute = async (call: ThreadCall): Promise<unknown> => {
  const called = await functionOf(call)
  try {
    return await called(call.given, { ...call.context })
  } catch (problem) {
    throw problem instanceof Error ? problem : new Error(messageOf(problem)) // so that no error means a bad copy
  }
}

export const fingerprint = async (call: ThreadCall): Promise<string | null> => codeFingerprint(await functionOf(call))
