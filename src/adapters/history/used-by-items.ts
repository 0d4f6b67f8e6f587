import * as t from 'io-ts'
import { readJsonText } from '../../declare/codec/guarded.js'
import { addUsage } from '../../runtime/items/item-record.js'
import type { RunEvent } from '../../runtime/ports/events.js'
import { Usage } from './run-record.js'

/** Adds up the usage reported by the items of a run. */
export const usedByItems = () => {
  const calls = new Map<string, { readonly before: Usage; readonly attempts: number; readonly usage: Usage }>()
  const add = (task: string, { name, attempts, usage }: t.TypeOf<typeof Items>): void => {
    const place = `${task}\n${name}`
    const known = calls.get(place)
    // a retried task starts counting again
    const before = known === undefined ? {} : attempts < known.attempts ? sum(known.before, known.usage) : known.before
    calls.set(place, { before, attempts, usage })
  }
  return {
    add,
    take: (event: RunEvent): void => {
      if (event._tag === 'progress' && event.items !== undefined) add(event.key ?? event.node, event.items)
    },
    all: (): Usage => [...calls.values()].reduce<Usage>((all, { before, usage }) => sum(sum(all, before), usage), {}),
  }
}

const Items = t.type({ name: t.string, attempts: t.number, usage: Usage })
const Progress = t.intersection([
  t.type({ event: t.literal('progress'), node: t.string, items: Items }),
  t.partial({ key: t.string }),
])

/** Usage according to the events of a run, a line of JSON each; other and torn lines are ignored. */
export const usageInEvents = (lines: string): Usage => {
  const used = usedByItems()
  for (const line of lines.split('\n')) {
    const progress = line.includes('"items":') ? readJsonText(Progress, line) : undefined
    if (progress !== undefined) used.add(progress.key ?? progress.node, progress.items)
  }
  return used.all()
}

const sum = (one: Usage, other: Usage): Usage => {
  const sums = { ...one }
  for (const [name, amount] of Object.entries(other)) addUsage(sums, name, amount)
  return sums
}
