// The help of a script is the comment at its top: `--help` prints it, and an option that it does not name is refused.
import { readFileSync } from 'node:fs'

/** What a script answers to its words before it begins; undefined if it may begin. */
export const answerOf = (source: string, words: readonly string[]): { text: string; code: number } | undefined => {
  const help = (/^(?:\/\/.*\n)+/.exec(source)?.[0] ?? '').replaceAll(/^\/\/ ?/gm, '').trimEnd()
  if (words.includes('--help') || words.includes('-h')) return { text: help, code: 0 }
  const known = new Set(help.match(/--[a-z]+/g))
  const unknown = words.find((word) => /^--?[a-z]/i.test(word) && !known.has(word))
  return unknown === undefined ? undefined : { text: `unknown option ${unknown}\n\n${help}`, code: 3 }
}

/** Ends the process if its words ask for help or are wrong. */
export const checkWords = (file: string): void => {
  const answer = answerOf(readFileSync(file, 'utf8'), process.argv.slice(2))
  if (answer === undefined) return
  process.stdout.write(`${answer.text}\n`)
  process.exit(answer.code)
}
