import type { RunEvent } from '../../runtime/ports/events.js'

/** Usage reported by items, by name: `cost`, `tokens`. */
export type Usage = Readonly<Record<string, number>>

/** Adds up the usage reported by the items of a run. */
export const usedByItems = (): { readonly take: (event: RunEvent) => void; readonly all: () => Usage } => {
  const calls = new Map<string, { readonly before: Usage; readonly attempts: number; readonly usage: Usage }>()
  return {
    take: (event) => {
      if (event._tag !== 'progress' || event.items === undefined) return
      const { name, attempts, usage } = event.items
      const place = `${event.key ?? event.node}\n${name}`
      const known = calls.get(place)
      // a retried task starts counting again
      const before =
        known === undefined ? {} : attempts < known.attempts ? sum(known.before, known.usage) : known.before
      calls.set(place, { before, attempts, usage })
    },
    all: () => [...calls.values()].reduce<Usage>((all, { before, usage }) => sum(sum(all, before), usage), {}),
  }
}

/** Sums of floats without rounding errors: 0.3, not 0.30000000000000004. */
const sum = (one: Usage, other: Usage): Usage =>
  Object.fromEntries(
    [...new Set([...Object.keys(one), ...Object.keys(other)])].map((name) => [
      name,
      Number(((one[name] ?? 0) + (other[name] ?? 0)).toPrecision(12)),
    ]),
  )
