import type { ChainAnswer, CompareAnswer, ComparedMetric, StateCounts } from '../contract.js'

/** A Markdown summary of a config for a pull request: its state, what changed, metrics before and after. */

const maxLines = 30

/** `compared`: undefined if there is nothing to compare with. */
export const githubSummary = (chain: ChainAnswer, compared: CompareAnswer | undefined): string =>
  [
    `### ${inText(chain.config)}`,
    '',
    `${chain.nodes.length} nodes: ${countsText(chain.counts)}${timeText(chain)}`,
    ...(compared === undefined
      ? ['', 'Nothing to compare with: no earlier run of it with another plan is known.']
      : changeLines(compared)),
    '',
  ].join('\n')

const words: readonly (readonly [keyof StateCounts, string])[] = [
  ['cached', 'cached'],
  ['to_run', 'to run'],
  ['stale', 'stale'],
  ['undecided', 'undecided'],
  ['unfinished', 'unfinished'],
  ['waiting', 'waiting'],
  ['in_memory', 'in memory'],
]

const countsText = (counts: StateCounts): string =>
  words.flatMap(([state, word]) => (counts[state] === undefined ? [] : [`${counts[state]} ${word}`])).join(', ')

const timeText = ({ pending }: ChainAnswer): string =>
  pending.nodes === 0 || pending.timed === 0
    ? ''
    : `; what is to run took about ${pending.seconds.toPrecision(2)} s before`

const changeLines = (compared: CompareAnswer): readonly string[] => {
  const { before, nodes, same, params, metrics } = compared
  if (nodes.length === 0 && params.length === 0) return ['', `Nothing differs from ${inText(before)}.`]
  const named = (change: CompareAnswer['nodes'][number]['change']) => nodes.filter((node) => node.change === change)
  return [
    '',
    `**Against ${inText(before)}**: ${same} nodes are the same, ${nodes.length} differ.`,
    ...table(
      ['param', 'before', 'after', 'where'],
      params.map(({ name, text, place }) => [
        inCode(name),
        text.before === null ? '' : inCode(text.before),
        text.after === null ? '' : inCode(text.after),
        place.after === null ? 'default' : inCode(`${place.after.file}:${place.after.line}`),
      ]),
    ),
    ...table(
      ['differs itself', 'because of'],
      named('root').map(({ id, because }) => [inCode(id), because.map(inText).join(', ')]),
    ),
    ...listLines('New', named('added')),
    ...listLines('Gone', named('removed')),
    ...listLines('Differs through its inputs', named('consequence')),
    ...table(
      ['metric', 'before', 'after', 'change'],
      metrics.filter(({ before: then, after: now }) => then !== now).map(metricRow),
    ),
  ]
}

const metricRow = ({ node, name, before, after }: ComparedMetric): readonly string[] => [
  inCode(`${node} ${name}`),
  numberText(before),
  numberText(after),
  `${after > before ? '+' : ''}${numberText(after - before)}${percentText(before, after)}`,
]

const percentText = (before: number, after: number): string =>
  before === 0 || !Number.isFinite(after / before)
    ? ''
    : ` (${after > before === before > 0 ? '+' : ''}${(((after - before) / before) * 100).toFixed(1)} %)`

const numberText = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(5)))

const listLines = (title: string, nodes: readonly { readonly id: string }[]): readonly string[] =>
  nodes.length === 0 ? [] : ['', `${title}: ${firstOf(nodes.map(({ id }) => inCode(id)))}`]

const firstOf = (texts: readonly string[]): string =>
  texts.length <= maxLines
    ? texts.join(', ')
    : `${texts.slice(0, maxLines).join(', ')} and ${texts.length - maxLines} more`

const table = (titles: readonly string[], rows: readonly (readonly string[])[]): readonly string[] =>
  rows.length === 0
    ? []
    : [
        '',
        `| ${titles.join(' | ')} |`,
        `|${titles.map(() => '---').join('|')}|`,
        ...rows.slice(0, maxLines).map((cells) => `| ${cells.join(' | ')} |`),
        ...(rows.length > maxLines ? ['', `and ${rows.length - maxLines} more`] : []),
      ]

/** As code, in which nothing is markup, except that a bar ends a table cell even there. */
const inCode = (text: string): string => {
  const shown = oneLine(text).slice(0, 200)
  const ticks = Array.from(shown.matchAll(/`+/g), ([run]) => run.length)
  const fence = '`'.repeat(1 + ticks.reduce((longest, length) => Math.max(longest, length), 0))
  const space = shown.startsWith('`') || shown.endsWith('`') ? ' ' : ''
  return `${fence}${space}${shown.replaceAll('|', '\\|')}${space}${fence}`
}

/** As text without markup, mentions and links. */
const inText = (text: string): string =>
  oneLine(text)
    .slice(0, 300)
    .replaceAll(/[\\`*_{}[\]<>()#+!|~&]/g, '\\$&')
    .replaceAll('@', '@\u200b')

const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').toWellFormed()
