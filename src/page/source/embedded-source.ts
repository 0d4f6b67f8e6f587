import { addressOf, type Questions } from '../../ui/addresses.js'
import type { Embedded } from '../../ui/contract.js'
import { refused, type Source } from './source.js'

/** Answers from what a report has in it. */
export const embeddedSource = ({ answers, files, left }: Embedded): Source => ({
  live: false,
  ask: <Name extends keyof Questions>(name: Name, asked: Questions[Name]['asked']) => {
    const address = addressOf(name, asked)
    const node = 'node' in asked ? String(asked.node) : undefined
    const reason = left.find((one) => one.node === node)?.reason
    return Promise.resolve(
      Object.hasOwn(answers, address)
        ? { ok: true, value: answers[address] as unknown as Questions[Name]['answer'] } // written by this version
        : refused(404, 'LeftOut', reason ?? 'this is not in the report', 'taskchain ui shows everything.'),
    )
  },
  act: () => Promise.resolve(refused(405, 'Report', 'a report cannot run anything')),
  picture: (asked) => {
    const address = addressOf('file', asked)
    return Object.hasOwn(files, address) ? files[address] : undefined
  },
  follow: (_onEvent, onLink) => {
    onLink('none')
    return () => {}
  },
})
