import { causeText, thrownAt } from '../explain/words.js'
import { fieldOf } from '../base/records.js'
import { errorFromData } from './error-data.js'
import type { Dying } from './messages.js'

/** Errors for the end of a thread or process that a task has caused. */

/** The error for a task that ended its thread, with the stack of the place. */
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

/** The error for a task that ended its process; without a last message it is inferred from the exit. */
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

/** Reports the end of an idle thread or process as a warning: the responsible task is no longer known. */
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
