import type { ChainAnswer } from '../../ui/contract.js'

/** Nodes whose full name contains every word of a query, best first: exact names, then prefixes, then the rest. */
export const searched = ({ nodes }: Pick<ChainAnswer, 'nodes'>, query: string): readonly number[] => {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  if (words.length === 0) return []
  const whole = words.join(' ')
  const badness = (name: string): number => {
    if (name === whole) return 0
    if (name.startsWith(whole)) return 1
    return name.includes(whole) ? 2 : 3
  }
  return nodes
    .flatMap(({ id, name }, index) => {
      const text = id.toLowerCase()
      return words.every((word) => text.includes(word)) ? [{ index, bad: badness(name.toLowerCase()) }] : []
    })
    .toSorted((left, right) => left.bad - right.bad || left.index - right.index)
    .map(({ index }) => index)
}
