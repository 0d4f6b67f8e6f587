import { pushTo } from '../../../base/grouping.js'
import { valueIn } from '../../../base/present.js'
import { inputIds } from '../../plan-graph.js'
import type { Plan, PlanNode } from '../../plan-types.js'
import { directionOf, drawnNodes, wrapped, type DrawnPart } from './drawn-nodes.js'
import { byCodeUnit } from '../../../base/code-unit-order.js'

/** Drawings of a plan: nodes coloured by group, borders by state, a frame for each namespace. */

/** Options for drawing a plan. */
export interface DrawOptions extends DrawnPart {
  /** All groups of the project, so that a group has the same colour in the drawings of all configs. */
  readonly allGroups?: readonly string[]
}

/** The state of a node before it runs; the runtime's `NodeState`. */
export type DrawnState = 'cached' | 'stale' | 'undecided' | 'to_run' | 'in_memory' | 'unfinished' | 'waiting'

/** States by full name; nodes without a state are drawn as computed, in-memory nodes without a border. */
export type DrawnStates = ReadonlyMap<string, DrawnState>

type Border = 'none' | 'dashed' | 'solid'

/** No border: not persisted; dashed: to compute; solid: computed. */
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

/**
 * The plan in the DOT language of Graphviz: a frame for each namespace and, in it, for each group.
 *
 * @example
 * toDot(planned).startsWith('digraph') // => true
 */
export const toDot = (plan: Pick<Plan, 'nodes'>, states?: DrawnStates, options: DrawOptions = {}): string => {
  const nodes = drawnNodes(plan, options)
  const colours = coloursOf(nodes, options.allGroups)
  const lines: string[] = ['digraph chain {', ...dotHead(nodes)]
  const title = titleSize(nodes)
  const nodeLine = (node: PlanNode): string => {
    const { fill, line } = valueIn(colours, node.group)
    const border = borderOf(node, states)
    const style = border === 'none' ? 'filled' : `filled,${border}`
    return (
      `${dotText(node.id)} [label="${wrapped(node.name).map(dotLabel).join('\\n')}", ` +
      `style="${style}", fillcolor="${fill}", color="${line}", penwidth=${border === 'none' ? 0 : 1.5}]`
    )
  }
  const draw = (frame: Frame, indent: string): void => {
    const groups = new Map<string, PlanNode[]>()
    for (const node of frame.nodes) pushTo(groups, node.group, node)
    for (const [group, members] of groups) {
      const { line, ground } = valueIn(colours, group)
      lines.push(
        `${indent}subgraph ${dotText(`cluster_${frame.namespace} ${group}`)} {`,
        `${indent}  label=${dotText(group)} fontsize=${title} fontcolor="${line}" color="${line}" penwidth=0.5`,
        `${indent}  style="rounded,filled" fillcolor="${ground}"`,
        ...members.map((node) => `${indent}  ${nodeLine(node)}`),
        `${indent}}`,
      )
    }
    for (const inside of frame.inside.values()) {
      lines.push(
        `${indent}subgraph ${dotText(`cluster_${inside.namespace}`)} {`,
        `${indent}  label=${dotText(inside.label)} fontsize=${title + 2} color="#999999" style="rounded,dashed"`,
      )
      draw(inside, `${indent}  `)
      lines.push(`${indent}}`)
    }
  }
  draw(framesOf(nodes), '  ')
  for (const [input, reader] of edgesOf(nodes)) lines.push(`  ${dotText(input)} -> ${dotText(reader)}`)
  // at the end, or frames would contain it too
  return `${[...lines, ...legendOf(nodes, states), '}'].join('\n')}\n`
}

/** Limits Graphviz's search for a better layout, per node; otherwise large drawings take minutes. */
const patience = 4

const dotHead = (nodes: readonly PlanNode[]): readonly string[] => [
  `  rankdir=${directionOf(nodes)} nslimit=${patience} nslimit1=${patience} nodesep=0.15 ranksep=0.4 pad=0.3`,
  `  fontname="${fonts}" fontsize=12 labeljust=l`,
  `  node [shape=box, fontname="${fonts}", fontsize=12, margin="0.2,0.06", height=0.3]`,
  '  edge [color="#666666", arrowsize=0.7]',
]

/** Group names must be legible when the whole drawing is visible. */
const titleSize = ({ length }: readonly PlanNode[]): number => (length > 100 ? 28 : length > 30 ? 16 : 12)

/** Fonts available on most machines; Graphviz uses the metrics of the first. */
const fonts = 'Helvetica,Arial,Liberation Sans,DejaVu Sans,sans-serif'

const borderWords: Readonly<Record<Border, string>> = {
  solid: 'solid border: stored',
  dashed: 'dashed: to compute',
  none: 'no border: in memory only',
}

/** A legend of the borders that are drawn; empty if no states are known. */
const legendOf = (nodes: readonly PlanNode[], states: DrawnStates | undefined): readonly string[] => {
  if (states === undefined) return []
  const drawn = new Set(nodes.map((node) => borderOf(node, states)))
  const words = (['solid', 'dashed', 'none'] as const).filter((border) => drawn.has(border))
  return [
    `  label="${words.map((border) => borderWords[border]).join(' · ')}" labelloc=b labeljust=c fontcolor="#666666"`,
  ]
}

/** Edges between drawn nodes. */
const edgesOf = (nodes: readonly PlanNode[]): readonly (readonly [input: string, reader: string])[] => {
  const ids = new Set(nodes.map(({ id }) => id))
  return nodes.flatMap((node) =>
    inputIds(node).flatMap((input): readonly (readonly [string, string])[] =>
      ids.has(input) ? [[input, node.id]] : [],
    ),
  )
}

const dotLabel = (text: string): string => text.replace(/[\\"]/g, '\\$&').replace(/[\r\n]+/g, ' ')
const dotText = (text: string): string => `"${dotLabel(text)}"`

/**
 * The plan as a Mermaid flowchart, which GitHub and many editors render.
 *
 * @example
 * toMermaid(planned).startsWith('flowchart') // => true
 */
export const toMermaid = (plan: Pick<Plan, 'nodes'>, states?: DrawnStates, options: DrawOptions = {}): string => {
  const nodes = drawnNodes(plan, options)
  const colours = coloursOf(nodes, options.allGroups)
  const groups = [...colours.keys()]
  const ids = new Map(nodes.map((node, index) => [node.id, `n${index}`]))
  const lines: string[] = [`flowchart ${directionOf(nodes)}`]
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
  draw(framesOf(nodes), '  ')
  for (const [input, reader] of edgesOf(nodes)) lines.push(`  ${ids.get(input)} --> ${ids.get(reader)}`)
  groups.forEach((group, index) => {
    const { fill, line } = valueIn(colours, group)
    lines.push(`  classDef g${index} fill:${fill},stroke:${line},color:#111`)
  })
  for (const [border, style] of [
    ['none', 'stroke-width:0'],
    ['dashed', 'stroke-dasharray:5 4'],
  ] as const) {
    const which = nodes.filter((node) => borderOf(node, states) === border).map((node) => ids.get(node.id))
    if (which.length > 0) lines.push(`  classDef ${border} ${style}`, `  class ${which.join(',')} ${border}`)
  }
  return `${lines.join('\n')}\n`
}

/** Replaces characters that would end a label or be read as markup by entities. */
const mermaidText = (text: string): string =>
  text.replace(/[^A-Za-z0-9 _.:/-]/g, (letter) => `#${letter.codePointAt(0)};`)

/** Colours of a group: of its nodes, their borders, and the frame around them. */
interface Colour {
  readonly fill: string
  readonly line: string
  readonly ground: string
}

/**
 * Colours by group, with hues as far apart as possible. They follow the position of a group among all groups of the
 * project, so that it has the same colour in every drawing. Groups outside the project come last.
 */
const coloursOf = (nodes: readonly PlanNode[], project: readonly string[] = []): ReadonlyMap<string, Colour> => {
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
