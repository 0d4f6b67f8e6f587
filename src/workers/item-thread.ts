import { messageOf } from '../base/thrown.js'
import { fieldOf } from '../base/records.js'
import { importedModule } from '../adapters/project/project-file.js'
import { codeFingerprint } from '../runtime/code-drift/code-fingerprint.js'

/** A thread of `onThreads`: calls functions of modules, one after the other. */

/** The function and its arguments. */
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
  if (typeof found === 'function') return found as Called // the types of `onThreads` declare its parameters
  const known = Object.keys(exported).join(', ')
  throw new TypeError(`onThreads: ${module} exports no function '${name}'${known === '' ? '' : `, but ${known}`}`)
}

/** Whether the error arrives as it is: a DOMException loses its message, and a cause may hold functions. */
const isCopied = (problem: unknown): boolean => {
  if (!(problem instanceof Error) || problem instanceof DOMException) return false
  try {
    structuredClone(problem)
    return true
  } catch {
    return false
  }
}

export const compute = async (call: ThreadCall): Promise<unknown> => {
  const called = await functionOf(call)
  try {
    return await called(call.given, { ...call.context })
  } catch (problem) {
    throw isCopied(problem) ? problem : new Error(messageOf(problem))
  }
}

export const fingerprint = async (call: ThreadCall): Promise<string | null> => codeFingerprint(await functionOf(call))
