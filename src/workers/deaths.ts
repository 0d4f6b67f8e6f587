import { causeText, thrownAt } from '../explain/words.js'
import { fieldOf } from '../base/records.js'
import { errorFromData } from './error-data.js'
import type { Dying } from './messages.js'

/** What is told of the end of a thread or process that a task has brought about. */

/** Says what a task did to its thread, with the stack of where it did it. */
export const deathOfThread = (cause: unknown, dying: Dying | undefined): Error => {
  const [message, code, stack] = ['message', 'code', 'stack'].map((name) => {
    const said = fieldOf(cause, name)
    return typeof said === 'string' ? said : undefined
  })
  const exit = /^worker exited with code: (\d+)$/.exec(message ?? '')?.[1]
  if (dying?._tag === 'exit' || exit !== undefined)
    return failure(
      `it ended its thread by process.exit(${dying?._tag === 'exit' ? dying.code : exit})`,
      dying?._tag === 'exit' ? dying.stack : undefined,
    )
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return failure('it ran out of memory', undefined, { cause })
  return dying === undefined
    ? failure('an error was thrown where nobody can catch it', stack, { cause })
    : strayFailure(dying)
}

/** What a process left no word of is told by how it ended. */
export const deathOfProcess = (
  { code, signal }: { readonly code: number | null; readonly signal: NodeJS.Signals | null },
  dying: Dying | undefined,
): Error => {
  if (dying?._tag === 'exit') return failure(`it ended its process by process.exit(${dying.code})`, dying.stack)
  if (dying !== undefined) return strayFailure(dying)
  if (signal === 'SIGABRT' || code === 134)
    return failure('its process was aborted (SIGABRT): it ran out of memory, or its native code failed', undefined)
  if (signal !== null)
    return failure(
      `its process was ended by ${signal}${signal === 'SIGKILL' ? ', as the system does where memory runs out' : ''}`,
      undefined,
    )
  return failure(`its process ended with code ${code}`, undefined)
}

const strayFailure = (dying: Exclude<Dying, { readonly _tag: 'exit' }>): Error => {
  const problem = errorFromData(dying.problem)
  const what =
    dying._tag === 'rejection'
      ? 'a promise that nobody waits for was rejected'
      : 'an error was thrown where nobody can catch it'
  return failure(what, problem instanceof Error ? problem.stack : undefined, { cause: problem })
}

/** Nobody waits for a thread or process that has nothing to do; whose failure it was nobody knows any more. */
export const warnOfLateDeath = (where: string, problem: unknown, hides: Iterable<(text: string) => string>): void => {
  const place = thrownAt(problem)
  const at = place === undefined ? '' : `, thrown at ${place}`
  const said = `a task on a ${where} failed after its end: ${causeText(problem)}${at}`
  process.emitWarning(
    [...hides].reduce((text, hide) => hide(text), said),
    'TaskchainWarning',
  )
}

const failure = (message: string, stack: string | undefined, options?: ErrorOptions): Error => {
  const frames = stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? []
  return Object.defineProperty(new Error(message, options), 'stack', {
    value: [`Error: ${message}`, ...frames].join('\n'),
    configurable: true,
    writable: true,
  })
}
