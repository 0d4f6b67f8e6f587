import { useCallback, useMemo, useState } from 'preact/hooks'
import type { ComparedNode } from '../../ui/contract.js'
import { GraphCanvas } from '../graph/graph-canvas.js'
import { type ChainNow, useChain } from '../graph/use-chain.js'
import { boxesOf } from '../layout/boxes-of.js'
import { groupedFrom } from '../layout/look.js'
import { closedAtFirst, visibleOf } from '../layout/visible.js'
import { go, shortConfig } from '../state/page-state.js'
import { WhenThere } from '../widgets/empty.js'

type Marks = ReadonlyMap<string, ComparedNode['change']>

/** One of two chains, with a ring around nodes that differ. */
export const CompareGraph = ({
  title,
  config,
  marks,
}: {
  readonly title: string
  readonly config: string
  readonly marks: Marks
}) => (
  <figure class="compare-graph">
    <figcaption>
      <span class="dim">{title}</span> {shortConfig(config)}
    </figcaption>
    <WhenThere loaded={useChain(config)} what={`Planning ${config}`}>
      {(now) => <Graph key={now.chain.fingerprint} now={now} marks={marks} />}
    </WhenThere>
  </figure>
)

const nothing = (): undefined => undefined

const Graph = ({ now: { chain, stands }, marks }: { readonly now: ChainNow; readonly marks: Marks }) => {
  const boxes = useMemo(() => boxesOf(chain), [chain])
  const [closed, setClosed] = useState(() => closedAtFirst(chain.nodes.length, boxes, groupedFrom))
  const visible = useMemo(() => visibleOf(chain, boxes, { closed }), [chain, boxes, closed])
  const markOf = useCallback((node: string) => marks.get(node), [marks])
  const found = useMemo(
    () => new Set(chain.nodes.flatMap(({ id }, index) => (marks.has(id) ? [index] : []))),
    [chain, marks],
  )
  const toggle = (box: string): void => {
    const next = new Set(closed)
    if (!next.delete(box)) next.add(box)
    setClosed(next)
  }
  return (
    <GraphCanvas
      {...{ chain, boxes, visible, stands, markOf, found }}
      progressOf={nothing}
      selected={undefined}
      stays={true}
      whole={true}
      onSelect={(node) => {
        if (node !== undefined) go('graph', { config: chain.config, node })
      }}
      onToggle={toggle}
    />
  )
}
