import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pages } from '../../docs/.vitepress/pages.mjs'

/**
 * `llms.txt` (llmstxt.org): an overview of the pages, for people who work with assistants. Paths are those in the
 * package.
 */
export const indexForAssistants = (root: string): string =>
  `${[
    '# taskchain',
    '> Typed computation chains in TypeScript that never compute the same thing twice: tasks are declared with `defineTask({ inputs, params, data }).run(fn)`, YAML configs choose tasks and values, a pure planner gives every node a key over its parameters and inputs, and results are kept under that key.',
    'All pages are Markdown beside this file. Start with cheat-sheet.md; every snippet of these pages is compiled and run by the tests.',
    ...pages.map(({ title, pages: entries }) =>
      [`## ${title}`, '', ...entries.map(([path = '', text = '']) => `- [${text}](${path}.md)${firstSentence(root, path)}`)].join('\n'),
    ),
  ].join('\n\n')}\n`

const firstSentence = (root: string, path: string): string => {
  const file = join(root, 'docs', `${path}.md`)
  if (!existsSync(file)) return ''
  const prose = readFileSync(file, 'utf8')
    .replace(/^```[^]*?^```$/gm, '')
    .split(/\n{2,}/)
    .find((part) => /^[A-Z`*]/.test(part))
  const sentence = prose?.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').split(/(?<=[.?!])\s/)[0]
  return sentence === undefined || sentence.length > 200 ? '' : `: ${sentence.replaceAll('\n', ' ')}`
}
