import { byCodeUnit } from '../../../base/code-unit-order.js'
import type { PlanNode } from '../../plan-types.js'

/** Colours of a group: of its nodes, their borders, and the frame around them. */
export interface Colour {
  readonly fill: string
  readonly line: string
  readonly ground: string
}

/**
 * Colours by group, with hues as far apart as possible. They follow the position of a group among all groups of the
 * project, so that it has the same colour in every drawing. Groups outside the project come last.
 */
export const coloursOf = (nodes: readonly PlanNode[], project: readonly string[] = []): ReadonlyMap<string, Colour> => {
  const known = [...new Set(project)].sort(byCodeUnit)
  const drawn = [...new Set(nodes.map((node) => node.group))].sort(byCodeUnit)
  const places = new Map([...new Set([...known, ...drawn])].map((group, place) => [group, place]))
  return new Map(
    drawn.map((group) => {
      const hue = (210 + (places.get(group) ?? 0) * 137.508) % 360
      return [group, { fill: hex(hue, 0.6, 0.88), line: hex(hue, 0.55, 0.38), ground: hex(hue, 0.5, 0.97) }]
    }),
  )
}

/** HSL as `#rrggbb`, which every renderer accepts. */
const hex = (hue: number, saturation: number, lightness: number): string => {
  const part = (shift: number): string => {
    const k = (shift + hue / 30) % 12
    const value = lightness - saturation * Math.min(lightness, 1 - lightness) * Math.max(-1, Math.min(k - 3, 9 - k, 1))
    return Math.round(value * 255)
      .toString(16)
      .padStart(2, '0')
  }
  return `#${part(0)}${part(8)}${part(4)}`
}
