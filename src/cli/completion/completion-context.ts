import { pushTo } from '../../base/grouping.js'
import { commonOptions, type OptionDescription } from '../command-description.js'
import { commands } from '../commands.js'

/** What a shell should offer for the word being typed. */
export type Offer =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'configs' }
  | { readonly kind: 'tasks'; readonly config: string }
  /** Paths, free text: completed by the shell itself. */
  | { readonly kind: 'nothing' }

/** The parts of the command line so far that matter for the offer. */
export interface CompletionContext {
  readonly offer: Offer
  readonly current: string
  /** Options already on the line: the project, contexts. */
  readonly project: string | undefined
  readonly context: readonly string[]
  readonly set: readonly string[]
}

/** Reads an unfinished command line; `words` start after `taskchain`, the last one is being typed. */
export const completionContext = (words: readonly string[]): CompletionContext => {
  const current = words.at(-1) ?? ''
  const operands: string[] = []
  const values = new Map<string, string[]>()
  let pending: OptionDescription | undefined
  for (const word of words.slice(0, -1)) {
    if (pending !== undefined) {
      const name = longOf(pending)
      pushTo(values, name, word)
      pending = undefined
    } else if (word.startsWith('-'))
      pending = word.includes('=')
        ? undefined
        : optionsAfter(operands[0]).find((option) => takesValue(option) && namesOf(option).includes(word))
    else operands.push(word)
  }
  const given = {
    current,
    project: values.get('--project')?.at(-1),
    context: values.get('--context') ?? [],
    set: values.get('--set') ?? [],
  }
  return { ...given, offer: pending === undefined ? offerFor(operands, current) : offerForValue(pending, operands[1]) }
}

const offerForValue = (option: OptionDescription, config: string | undefined): Offer =>
  option.choices !== undefined
    ? { kind: 'words', words: option.choices }
    : option.completes === 'task' && config !== undefined
      ? { kind: 'tasks', config }
      : { kind: 'nothing' }

const offerFor = (operands: readonly string[], current: string): Offer => {
  const [name, ...given] = operands
  if (current.startsWith('-'))
    return {
      kind: 'words',
      words: [...optionsAfter(name).map(longOf), '--help', ...(name === undefined ? ['--version'] : [])],
    }
  if (name === undefined)
    return {
      kind: 'words',
      words: [...commands.filter(({ hidden }) => hidden !== true).map((command) => command.name), 'help'],
    }
  const command = commands.find((one) => one.name === name)
  const last = command?.operands.at(-1)
  const operand = command?.operands[given.length] ?? (last?.syntax.includes('...') === true ? last : undefined)
  if (name === 'completion' && given.length === 0) return { kind: 'words', words: ['bash', 'zsh', 'fish'] }
  if (operand?.choices !== undefined) return { kind: 'words', words: operand.choices }
  if (operand?.completes === 'config') return { kind: 'configs' }
  if (operand?.completes === 'task' && given[0] !== undefined) return { kind: 'tasks', config: given[0] }
  return { kind: 'nothing' }
}

const optionsAfter = (command: string | undefined): readonly OptionDescription[] => [
  ...(commands.find(({ name }) => name === command)?.options ?? []),
  ...commonOptions,
]
const namesOf = (option: OptionDescription): readonly string[] =>
  option.flags.split(/[ ,]+/).filter((part) => part.startsWith('-'))
const longOf = (option: OptionDescription): string => namesOf(option).find((name) => name.startsWith('--')) ?? ''
const takesValue = (option: OptionDescription): boolean => option.flags.includes('<')
