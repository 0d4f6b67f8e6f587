import { formatOf } from '../../declare/json/json.js'
import { oncePerTask, type Task } from '../../declare/task.js'
import { codeFingerprint } from './code-fingerprint.js'

/**
 * How a task's value is stored, as a text that is the same in every process: format, its options and codec. For a
 * custom format, the code of its functions; undefined if that cannot be read.
 */
export const formatText = oncePerTask(({ declaration }: Task): string | undefined => {
  const { kind, extension, persistence, signature } = formatOf(declaration.data)
  const own = signature ?? functionsIn(persistence)
  return own === undefined ? undefined : JSON.stringify([kind, extension ?? null, persistence.storage, own])
})

type Code = (...args: never[]) => unknown

const functionsIn = (persistence: object): string | undefined => {
  const texts: string[] = []
  for (const [name, value] of Object.entries(persistence).toSorted(([left], [right]) => (left < right ? -1 : 1))) {
    if (typeof value !== 'function') continue
    const fingerprint = codeFingerprint(value as Code)
    if (fingerprint === null) return undefined
    texts.push(`${name} ${fingerprint}`)
  }
  return texts.join(', ')
}
