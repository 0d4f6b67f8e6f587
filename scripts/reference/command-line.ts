import { commonOptions, type CommandDescription, type OptionDescription } from '../../src/cli/command-description.js'
import { commands } from '../../src/cli/commands.js'

/** The page of the command line, from the same descriptions as `--help`. */

const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``
const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/<(?=\w)/g, '\\<')

const optionRow = ({ flags, about, choices }: OptionDescription): string =>
  `| ${code(flags)} | ${cell(about)}${choices === undefined ? '' : `; one of ${choices.map(code).join(', ')}`} |`

const tableOf = (rows: readonly string[]): string => ['| | |', '|---|---|', ...rows].join('\n')

const chapter = ({ name, about, operands, usage, options, examples }: CommandDescription): string =>
  [
    `## ${name}`,
    `\`taskchain ${[name, usage ?? operands.map(({ syntax }) => syntax).join(' ')].join(' ').trim()}\``,
    `${about.replace(/^./, (letter) => letter.toUpperCase())}.`.replace(/<(?=\w)/g, '\\<'),
    ...(operands.length + options.length === 0
      ? []
      : [
          tableOf([
            ...operands.map(({ syntax, about: what }) => `| ${code(syntax)} | ${cell(what)} |`),
            ...options.map(optionRow),
          ]),
        ]),
    ...(examples.length === 0 ? [] : [`\`\`\`text\n${examples.join('\n')}\n\`\`\``]),
  ].join('\n\n')

export const commandLinePage = (): string =>
  `${[
    '# Command line',
    '`taskchain <command> [config]`. The project is the `taskchain.config.{ts,mts,js,mjs}` of this folder or above. `--help` of each command says the same as this page.',
    '## Everywhere',
    tableOf(commonOptions.map(optionRow)),
    '## Exit codes',
    tableOf([
      '| 0 | done, possibly with warnings |',
      '| 1 | a task failed, or `verify` found damage |',
      '| 2 | the plan is wrong; nothing ran |',
      '| 3 | usage: an unknown command, option, task, config or project |',
      '| 4 | stopped before all work was done |',
      '| 5 | all done, but output could not be written: a full disk, a closed pipe |',
      '| 130, 143 | interrupted; saved results remain |',
    ]),
    ...commands.filter(({ hidden }) => hidden !== true).map(chapter),
  ].join('\n\n')}\n`
