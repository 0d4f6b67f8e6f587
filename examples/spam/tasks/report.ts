import * as t from 'io-ts'
import { defineTask } from 'taskchain'
import { figure, text } from 'taskchain/data'
import { qualitiesOf, Quality } from '../quality.js'
import { bayesVerdicts, regressionVerdicts } from './classifiers.js'
import { judgeVerdicts } from './judge.js'
import { testMails } from './mails.js'

export const qualities = defineTask({
  inputs: { testMails, bayesVerdicts, regressionVerdicts, judgeVerdicts },
  data: t.array(Quality),
}).run(({ testMails, bayesVerdicts, regressionVerdicts, judgeVerdicts }) => [
  ...qualitiesOf('naive Bayes', testMails, bayesVerdicts),
  ...qualitiesOf('regression', testMails, regressionVerdicts),
  ...qualitiesOf('LLM judge', testMails, judgeVerdicts),
])

/** A table for display, with a row per category; for a group that is all spam or none, only the accuracy. */
export const report = defineTask({ inputs: { qualities }, data: text() }).run(({ qualities }) => {
  const judges = [...new Set(qualities.map(({ judge }) => judge))]
  const categories = [...new Set(qualities.map(({ category }) => category))]
  const row = (category: string, mails: string, cells: readonly string[]): string =>
    `${category.padEnd(12)}${mails.padStart(6)}${cells.map((cell) => cell.padStart(22)).join('')}`
  return [
    row('', 'mails', judges),
    row(
      '',
      '',
      judges.map(() => 'precision  recall'),
    ),
    ...categories.map((name) => {
      const those = qualities.filter(({ category }) => category === name)
      return row(name, String(those[0]?.mails), those.map(cellOf))
    }),
  ].join('\n')
})

const cellOf = ({ category, right, precision, recall }: Quality): string =>
  /^(spam|easy-ham|hard-ham)-/.test(category)
    ? `${right.toFixed(3)} right`
    : `${precision?.toFixed(3) ?? '-'}   ${recall?.toFixed(3) ?? '-'}`

/** The same as a figure: `.svg` and `.png` next to it. */
export const rightFigure = defineTask({ inputs: { qualities }, data: figure() }).run(({ qualities }) => ({
  title: 'Told right, by category of mail',
  width: 640,
  height: 260,
  data: { values: qualities },
  mark: 'bar',
  encoding: {
    x: { field: 'category', type: 'nominal', sort: null, title: null, axis: { labelAngle: 0 } },
    xOffset: { field: 'judge', sort: null },
    y: { field: 'right', type: 'quantitative', title: 'share of mails', axis: { format: '%' } },
    color: { field: 'judge', type: 'nominal', sort: null, title: null },
  },
}))
