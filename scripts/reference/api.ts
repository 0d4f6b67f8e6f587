import { entrances, exportsOf, withoutComments, type Exported } from '../../test/api/surface.js'

/** A page for each entry point of the package: its exports, from the docstrings and declarations that it ships. */

const about: Readonly<Record<string, string>> = {
  taskchain: 'Declare tasks, open chains and run them; sweeps.',
  'taskchain/plan': 'The pure stages from YAML to a plan, and functions that read plans.',
  'taskchain/store': 'Stores, sources of configs, and the interfaces for stores, executors and listeners of your own.',
  'taskchain/types': 'Only types, which occur in the signatures of `taskchain`.',
  'taskchain/data': 'Formats, and formats of your own.',
  'taskchain/helpers': 'For use inside `run`.',
  'taskchain/programs': 'Tasks that other programs compute.',
  'taskchain/inspect': 'What the command line reports about chains: checks, reachability, pins, estimates, metrics.',
  'taskchain/testing': 'Tasks and chains in tests.',
  'taskchain/workers': 'Tasks on threads, in separate processes and on other machines.',
}

export const apiPageName = (entrance: string): string => entrance.replace('/', '-')

/** `@param` and similar tags as a list; prose unchanged. `{@link name}` becomes code. */
const prose = (doc: string): string =>
  (doc.split(/^@example\b/m)[0] as string)
    .replace(/\{@link (\w+)\}/g, '`$1`')
    .replace(/^@(\w+) (.*)$/gm, '- *$1* $2')
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replace(/<(?=\w)/g, '\\<')))
    .join('')
    .trim()

const examplesOf = (doc: string): readonly string[] =>
  doc
    .split(/^@example\b/m)
    .slice(1)
    .map((part) => (part.split(/^@\w/m)[0] as string).replace(/^\/\/ not run:.*\n?/m, '').trim())

const signature = ({ statement }: Exported): string =>
  withoutComments(statement?.text ?? '')
    .replace(/^export (?:declare )?/, '')
    .replace(/^( +)/gm, (indent) => ' '.repeat(indent.length / 2))

/** Docstrings of members: `name`: text. */
export const membersOf = ({ statement }: Exported): readonly string[] =>
  [...(statement?.text ?? '').matchAll(/\/\*\*([^]*?)\*\/\s*(?:readonly )?(\w+)\??[(<:]/g)].map(
    ([, comment = '', name]) =>
      `- \`${name}\`: ${prose(
        comment
          .replace(/^\s*\* ?/gm, '')
          .replace(/\s+/g, ' ')
          .trim(),
      )}`,
  )

const entry = (exported: Exported): string => {
  const { name, statement } = exported
  if (statement === undefined) return `## ${name}\n\nRe-exported from another package.`
  const members = membersOf(exported)
  return [
    `## ${name}`,
    prose(statement.doc),
    `\`\`\`ts\n${signature(exported)}\n\`\`\``,
    ...(members.length === 0 ? [] : [members.join('\n')]),
    ...examplesOf(statement.doc).map((text) => `\`\`\`ts\n${text}\n\`\`\``),
  ].join('\n\n')
}

export const apiPage = (entrance: string): string => {
  const all = exportsOf(entrance)
  const isType = ({ statement }: Exported): boolean =>
    statement !== undefined && ['interface', 'type'].includes(statement.kind)
  const [values, types] = [all.filter((one) => !isType(one)), all.filter(isType)]
  return `${[
    `# ${entrance}`,
    about[entrance] ?? '',
    [...values, ...types].map(({ name }) => `[${name}](#${name.toLowerCase()})`).join(' · '),
    ...values.map(entry),
    ...types.map(entry),
  ].join('\n\n')}\n`
}

export const apiPages = (): ReadonlyMap<string, string> =>
  new Map([
    ['index.md', indexPage()],
    ...[...entrances.keys()].map((entrance): [string, string] => [`${apiPageName(entrance)}.md`, apiPage(entrance)]),
  ])

const indexPage = (): string =>
  `${[
    '# API',
    'Generated from the docstrings that editors show; their examples are compiled and run.',
    ['| import | for |', '|---|---|']
      .concat(
        [...entrances.keys()].map((entrance) => `| [\`${entrance}\`](${apiPageName(entrance)}.md) | ${about[entrance] ?? ''} |`),
      )
      .join('\n'),
  ].join('\n\n')}\n`
