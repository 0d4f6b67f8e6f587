import type { CommanderError } from 'commander'
import { loadProject } from '../adapters/project/project-file.js'
import { configNames } from './completion/config-names.js'
import { completionContext } from './completion/completion-context.js'
import { harmless } from './render/text-width.js'

/** What the user most likely meant by a command line that the parser rejected; undefined if unclear. */
export const usageHint = async (
  error: CommanderError,
  words: readonly string[],
  folder: string,
): Promise<string | undefined> => {
  if (error.code === 'commander.missingArgument' && error.message.includes("'config'"))
    return configsHere(words, folder)
  if (error.code !== 'commander.excessArguments' || !words.includes('draw')) return undefined
  const option = words.find((word) => /^--(?:svg|png|dot|mermaid)$/.test(word))
  const file = option === undefined ? undefined : words[words.indexOf(option) + 1]
  return option === undefined || file === undefined || file.startsWith('-')
    ? undefined
    : `${option} takes no file; use ${option} --output ${harmless(file)}`
}

const most = 8

const configsHere = async (words: readonly string[], folder: string): Promise<string | undefined> => {
  try {
    const names = await configNames(await loadProject(folder, completionContext([...words, '']).project))
    if (names.length === 0) return 'the project has no configs yet'
    const more = names.length > most ? ` and ${names.length - most} more` : ''
    return harmless(`configs here: ${names.slice(0, most).join(', ')}${more}`)
  } catch {
    return undefined // errors in the project are reported elsewhere
  }
}
