import { addressOf, type Questions } from '../../ui/addresses.js'
import type { Embedded } from '../../ui/contract.js'
import { refused, type Source } from './source.js'

/** Answers from the data embedded in a report. */
export const embeddedSource = ({ answers, files, plots, left }: Embedded): Source => ({
  live: false,
  offers: (name) => Object.keys(answers).some((address) => new RegExp(`^/api/${name}(?:$|\\?)`).test(address)),
  ...comparedIn(answers),
  ask: <Name extends keyof Questions>(name: Name, asked: Questions[Name]['asked']) => {
    const address = [addressOf(name, asked), addressOf(name, withoutSizes<Name>(asked))].find((one) =>
      Object.hasOwn(answers, one),
    )
    const node = 'node' in asked ? String(asked.node) : undefined
    const reason = left.find((one) => one.node === node)?.reason
    return Promise.resolve(
      address !== undefined
        ? { ok: true, value: answers[address] as unknown as Questions[Name]['answer'] } // written by the same version
        : refused(404, 'LeftOut', reason ?? 'this is not in the report', 'taskchain ui shows everything.'),
    )
  },
  act: () => Promise.resolve(refused(405, 'Report', 'a report cannot run anything')),
  picture: (asked) => {
    const address = addressOf('file', asked)
    return Object.hasOwn(files, address) ? files[address] : undefined
  },
  plot: (series) => (Object.hasOwn(plots, series) ? plots[series] : undefined),
  follow: (_onEvent, onLink) => {
    onLink('none')
    return () => {}
  },
})

/** A report has previews in one size only, with summaries: requests for the start of a value match it in any size. */
const withoutSizes = <Name extends keyof Questions>(asked: Questions[Name]['asked']): Questions[Name]['asked'] =>
  Object.fromEntries(
    Object.entries(asked).filter(
      ([name, value]) => !['limit', 'columnsLimit', 'summary'].includes(name) && !(name === 'offset' && value === 0),
    ),
  ) as Questions[Name]['asked'] // the omitted fields are optional in every question

const comparedIn = (answers: Embedded['answers']): Pick<Source, 'compared'> => {
  const address = Object.keys(answers).find((one) => one.startsWith('/api/compare?'))
  const words = new URLSearchParams(address?.slice(address.indexOf('?')))
  const [before, after] = [words.get('before'), words.get('after')]
  return before === null || after === null ? {} : { compared: { before, after } }
}
