import { byCodeUnit } from '../../base/code-unit-order.js'
import { inputIds } from '../plan-graph.js'
import type { Plan, PlanNode } from '../plan-types.js'
import { valueIn } from '../../base/present.js'

/** Drawings of a plan: colour by group, border by state, a frame for each namespace. */

/** What is known of a node before it runs; the runtime's `NodeState`. */
export type DrawnState = 'cached' | 'stale' | 'undecided' | 'to_run' | 'in_memory' | 'unfinished' | 'waiting'

/** States by full name; nodes without one are drawn as if computed, those in memory without a border. */
export type DrawnStates = ReadonlyMap<string, DrawnState>

type Border = 'none' | 'dashed' | 'solid'

/** As in the original: none: not persisted, dashed: to compute, solid: computed. */
const borderOf = (node: PlanNode, states: DrawnStates | undefined): Border => {
  if (node.storage === 'memory') return 'none'
  const state = states?.get(node.id)
  return state === undefined || state === 'cached' || state === 'undecided'
    ? 'solid'
    : state === 'in_memory'
      ? 'none'
      : 'dashed'
}

/** A namespace with the nodes in it and the namespaces below it. */
interface Frame {
  readonly namespace: string
  readonly label: string
  readonly nodes: PlanNode[]
  readonly inside: Map<string, Frame>
}

const framesOf = (nodes: readonly PlanNode[]): Frame => {
  const top: Frame = { namespace: '', label: '', nodes: [], inside: new Map() }
  for (const node of nodes) {
    let frame = top
    for (const segment of node.namespace === '' ? [] : node.namespace.split('::')) {
      const inside: Frame = frame.inside.get(segment) ?? {
        namespace: frame.namespace === '' ? segment : `${frame.namespace}::${segment}`,
        label: segment,
        nodes: [],
        inside: new Map(),
      }
      frame.inside.set(segment, inside)
      frame = inside
    }
    frame.nodes.push(node)
  }
  return top
}

interface Colour {
  readonly fill: string
  readonly line: string
}

/** Hues as far apart as can be, the same for the same set of groups. */
const coloursOf = (nodes: readonly PlanNode[]): ReadonlyMap<string, Colour> => {
  const groups = [...new Set(nodes.map((node) => node.group))].sort(byCodeUnit)
  return new Map(
    groups.map((group, index) => [
      group,
      { fill: hex((210 + index * 137.508) % 360, 0.6, 0.88), line: hex((210 + index * 137.508) % 360, 0.55, 0.38) },
    ]),
  )
}

/** HSL as `#rrggbb`, which every renderer takes. */
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

/**
 * The plan in the DOT language of Graphviz.
 *
 * @example
 * toDot(planned).startsWith('digraph') // => true
 */
export const toDot = (plan: Pick<Plan, 'nodes'>, states?: DrawnStates): string => {
  const colours = coloursOf(plan.nodes)
  const lines: string[] = [
    'digraph chain {',
    '  rankdir=LR',
    '  node [shape=box, fontname="Helvetica"]',
    '  edge [color="#666666"]',
  ]
  const nodeLine = (node: PlanNode): string => {
    const { fill, line } = valueIn(colours, node.group)
    const border = borderOf(node, states)
    const style = border === 'none' ? 'filled' : `filled,${border}`
    return (
      `${dotText(node.id)} [label="${dotLabel(node.group)}\\n${dotLabel(node.name)}", ` +
      `style="${style}", fillcolor="${fill}", color="${line}", penwidth=${border === 'none' ? 0 : 1.5}]`
    )
  }
  const draw = (frame: Frame, indent: string): void => {
    for (const node of frame.nodes) lines.push(`${indent}${nodeLine(node)}`)
    for (const inside of frame.inside.values()) {
      lines.push(
        `${indent}subgraph ${dotText(`cluster_${inside.namespace}`)} {`,
        `${indent}  label=${dotText(inside.label)}`,
        `${indent}  color="#999999"`,
      )
      draw(inside, `${indent}  `)
      lines.push(`${indent}}`)
    }
  }
  draw(framesOf(plan.nodes), '  ')
  for (const node of plan.nodes)
    for (const input of inputIds(node)) lines.push(`  ${dotText(input)} -> ${dotText(node.id)}`)
  return `${[...lines, '}'].join('\n')}\n`
}

const dotLabel = (text: string): string => text.replace(/[\\"]/g, '\\$&').replace(/[\r\n]+/g, ' ')
const dotText = (text: string): string => `"${dotLabel(text)}"`

/**
 * The plan as a Mermaid flowchart: GitHub and many editors draw it.
 *
 * @example
 * toMermaid(planned).startsWith('flowchart') // => true
 */
export const toMermaid = (plan: Pick<Plan, 'nodes'>, states?: DrawnStates): string => {
  const colours = coloursOf(plan.nodes)
  const groups = [...colours.keys()]
  const ids = new Map(plan.nodes.map((node, index) => [node.id, `n${index}`]))
  const lines: string[] = ['flowchart LR']
  let frames = 0
  const draw = (frame: Frame, indent: string): void => {
    for (const node of frame.nodes)
      lines.push(
        `${indent}${ids.get(node.id)}["${mermaidText(node.group)}` +
          `<br>${mermaidText(node.name)}"]:::g${groups.indexOf(node.group)}`,
      )
    for (const inside of frame.inside.values()) {
      lines.push(`${indent}subgraph f${frames++}["${mermaidText(inside.label)}"]`)
      draw(inside, `${indent}  `)
      lines.push(`${indent}end`)
    }
  }
  draw(framesOf(plan.nodes), '  ')
  for (const node of plan.nodes)
    for (const input of inputIds(node)) lines.push(`  ${ids.get(input)} --> ${ids.get(node.id)}`)
  groups.forEach((group, index) => {
    const { fill, line } = valueIn(colours, group)
    lines.push(`  classDef g${index} fill:${fill},stroke:${line},color:#111`)
  })
  for (const [border, style] of [
    ['none', 'stroke-width:0'],
    ['dashed', 'stroke-dasharray:5 4'],
  ] as const) {
    const which = plan.nodes.filter((node) => borderOf(node, states) === border).map((node) => ids.get(node.id))
    if (which.length > 0) lines.push(`  classDef ${border} ${style}`, `  class ${which.join(',')} ${border}`)
  }
  return `${lines.join('\n')}\n`
}

/** Mermaid takes entities in place of what would end a label or be read as markup. */
const mermaidText = (text: string): string =>
  text.replace(/[^A-Za-z0-9 _.:/-]/g, (letter) => `#${letter.codePointAt(0)};`)
