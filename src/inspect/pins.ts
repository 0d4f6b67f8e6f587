import { badOption } from '../explain.js'
import { sweptValues, type SweepSpec } from './sweep-request.js'
import { setValues } from './set-values.js'
import { itemAt } from '../base/present.js'

/** Something that `gc` keeps in addition to what the project's configs reach. */
export type Pin =
  /** One artifact, by its key. */
  | { readonly _tag: 'Key'; readonly key: string }
  /** All artifacts of a task, `group:name`. */
  | { readonly _tag: 'Task'; readonly folder: string }
  /** Whatever a config plans under contexts and values; under all combinations for a sweep. */
  | {
      readonly _tag: 'Chain'
      readonly line: string
      readonly config: string
      readonly contexts: readonly string[]
      readonly set: Readonly<Record<string, unknown>>
      readonly sweep: SweepSpec | undefined
      readonly sweepFile: string | undefined
    }

/**
 * Parses pins, one a line: a key, a task (`group:name`), or the words after `taskchain`: `[run] CONFIG …` or
 * `sweep CONFIG …` with `--context`, `--set`, `--range`, `--zip`, `--sweep`. A `#` at the start or after a space
 * begins a comment. Throws `TaskchainError` for any other line; the error names `origin`.
 *
 * @example
 * const text = '31a799797f7903922cb01029f37b4297\nrun model --context contexts/quick.yaml'
 * parsePins(text, 'taskchain.pins').length // => 2
 */
export const parsePins = (text: string, origin: string): readonly Pin[] =>
  text.split(/\r?\n/).flatMap((line, index) => {
    const plain = line.replace(/(^|\s)#.*$/, '').trim()
    return plain === '' ? [] : [pinOf(plain, origin.startsWith('--') ? origin : `${origin}:${index + 1}`)]
  })

const pinOf = (line: string, origin: string): Pin => {
  if (/^[0-9a-f]{32}$/.test(line)) return { _tag: 'Key', key: line }
  if (/^[A-Za-z0-9_][\w.-]*(?::[A-Za-z0-9_][\w.-]*)+$/.test(line))
    return { _tag: 'Task', folder: line.replaceAll(':', '/') }
  const [first, ...rest] = wordsOf(line)
  const command = (first === 'run' || first === 'sweep') && rest.length > 0 ? first : 'run'
  return chainOf(line, command, command === first ? rest : [first ?? '', ...rest], origin)
}

/** Words separated by spaces; quotes group several into one. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) => double ?? single ?? ''),
  )

const chainOf = (line: string, command: 'run' | 'sweep', words: readonly string[], origin: string): Pin => {
  const taken: Record<string, string[]> = { '--context': [], '--set': [], '--range': [], '--sweep': [] }
  const operands: string[] = []
  let zip = false
  for (let at = 0; at < words.length; at++) {
    const word = itemAt(words, at)
    const [name = '', ...value] = word.split('=')
    const list = Object.hasOwn(taken, name) ? taken[name] : undefined
    if (list !== undefined) {
      const given = value.length > 0 ? value.join('=') : words[++at]
      if (given === undefined) throw badOption(origin, `'${name}' has no value`)
      list.push(given)
    } else if (name === '--zip') zip = true
    else if (name.startsWith('-'))
      throw badOption(
        origin,
        `'${name}' is not an option of a pin; there are --context, --set, --range, --zip and --sweep`,
      )
    else operands.push(word)
  }
  const [config, ...others] = operands
  if (config === undefined || others.length > 0)
    throw badOption(
      origin,
      config === undefined
        ? 'it names no config'
        : `a pin is a key, a task, or a command with one config; '${others[0]}' is too much`,
    )
  const lists = (name: string): readonly string[] => taken[name] ?? []
  const swept = command === 'sweep'
  if (!swept && (zip || lists('--range').length > 0 || lists('--sweep').length > 0))
    throw badOption(origin, "--range, --zip and --sweep go with the word 'sweep' first")
  return {
    _tag: 'Chain',
    line,
    config,
    contexts: lists('--context'),
    set: swept ? {} : setValues(lists('--set')),
    sweep: swept ? { axes: sweptValues(lists('--set'), lists('--range')), zip, metrics: [] } : undefined,
    sweepFile: lists('--sweep').at(-1),
  }
}
