import type { ChainAnswer } from '../../ui/contract.js'
import type { Stand } from '../state/stand.js'
import { standWords } from '../state/stand.js'
import { VirtualRows } from '../widgets/virtual-rows.js'
import { secondsText } from '../words.js'
import { Swatch } from './graph-tools.js'
import { StandBadge } from './legend.js'
import { colourOf } from './scene.js'

/** The graph as a list in run order: the same content as the picture, accessible to screen readers. */
export const NodeList = ({
  chain,
  stands,
  because,
  nodes,
  selected,
  onSelect,
}: {
  readonly chain: ChainAnswer
  readonly stands: readonly Stand[]
  readonly because: { readonly [index: string]: ChainAnswer['nodes'][number]['because'] }
  /** Indexes of the nodes that are listed. */
  readonly nodes: readonly number[]
  readonly selected: string | undefined
  readonly onSelect: (node: string) => void
}) => (
  <VirtualRows
    label="Tasks in run order"
    testId="node-list"
    count={nodes.length}
    height={36}
    columns={['Task', 'State', 'Group', 'Stored as', 'Took']}
    template="minmax(160px, 3fr) minmax(120px, 1.4fr) minmax(90px, 1.2fr) minmax(70px, 1fr) 80px"
    row={(at) => {
      const index = nodes[at] ?? -1
      const node = chain.nodes[index]
      if (node === undefined) return []
      const { name: group = '' } = chain.groups[node.group] ?? {}
      const why = because[index]
      return [
        <button
          type="button"
          class="link name"
          aria-pressed={node.id === selected}
          onClick={() => onSelect(node.id)}
          title={node.id}
        >
          {node.name}
        </button>,
        <StandBadge
          stand={stands[index] ?? 'to_run'}
          text={standWords(stands[index] ?? 'to_run', why === undefined ? {} : { because: why })}
        />,
        <span class="row tight">
          <Swatch colour={colourOf(chain, node.group)} /> {chain.namespaces[node.namespace]} {group}
        </span>,
        <span class="dim">{node.persisted ? node.format : 'in memory'}</span>,
        <span class="number">{node.seconds === undefined ? '' : secondsText(node.seconds)}</span>,
      ]
    }}
  />
)
