import type { Scene } from './scene.js'

export type Way = 'left' | 'right' | 'up' | 'down'

/** The item that an arrow key leads to: an input, a reader, or the nearest one above or below. */
export const stepFrom = ({ items, edges }: Scene, from: number, way: Way): number => {
  if (items.length === 0) return -1
  const here = items[from]
  if (here === undefined) return 0
  const middle = here.y + here.height / 2
  const candidates =
    way === 'left'
      ? edges.filter(({ to }) => to === from).map((edge) => edge.from)
      : way === 'right'
        ? edges.filter((edge) => edge.from === from).map(({ to }) => to)
        : items.flatMap(({ y, height }, index) =>
            index !== from && (way === 'up' ? y + height / 2 < middle - 1 : y + height / 2 > middle + 1) ? [index] : [],
          )
  const far = (index: number): number => {
    const other = items[index]
    if (other === undefined) return Infinity
    const aside = way === 'up' || way === 'down' ? 2.5 : 1
    return Math.abs(other.x - here.x) * aside + Math.abs(other.y + other.height / 2 - middle)
  }
  return candidates.reduce((best, index) => (far(index) < far(best) ? index : best), candidates[0] ?? from)
}
