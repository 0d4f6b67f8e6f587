import { useCallback, useMemo, useState } from 'preact/hooks'
import { NodePanel } from '../node/node-panel.js'
import { around, type Way } from '../layout/around.js'
import { boxesOf } from '../layout/boxes-of.js'
import { groupedFrom } from '../layout/look.js'
import { closedAtFirst, visibleOf } from '../layout/visible.js'
import { searched } from '../state/search.js'
import { put, route } from '../state/page-state.js'
import { Empty, WhenThere } from '../widgets/empty.js'
import { TroubleText } from '../widgets/trouble.js'
import { GraphCanvas } from './graph-canvas.js'
import { GroupFilter, NeighbourSelect, type Neighbours, Popover, type Shown } from './graph-tools.js'
import { Legend } from './legend.js'
import { NodeList } from './node-list.js'
import { SearchBox } from './search-box.js'
import { type ChainNow, useChain } from './use-chain.js'

/** The graph of a config, with a panel for the selected task. */
export const GraphPage = ({ config, actions }: { readonly config: string; readonly actions: boolean }) => (
  <WhenThere loaded={useChain(config)} what={`Planning ${config}`} title={`${config} cannot be planned`}>
    {(now) =>
      now.chain.nodes.length === 0 ? (
        <Empty title="This config has no tasks">
          <p>{config} brings no tasks that have a chain: it may be a context, or a part that other configs use.</p>
        </Empty>
      ) : (
        <ChainView key={`${config} ${now.chain.fingerprint}`} now={now} actions={actions} />
      )
    }
  </WhenThere>
)

const ChainView = ({ now, actions }: { readonly now: ChainNow; readonly actions: boolean }) => {
  const { chain, stands, because, run } = now
  const { node: selected, as } = route.value.words
  const [shown, setShown] = useState<Shown>({ groups: undefined, neighbours: 'all' })
  const [query, setQuery] = useState('')
  const [stays, setStays] = useState(false)
  const boxes = useMemo(() => boxesOf(chain), [chain])
  const [closed, setClosed] = useState(() => closedAtFirst(chain.nodes.length, boxes, groupedFrom))
  const chosen = useMemo(
    () => chosenNodes(now, shown, selected),
    [chain, shown, shown.neighbours === 'all' ? '' : selected],
  )
  const opened = useMemo(() => openedFor(closed, boxes, chosen, selected, chain), [closed, boxes, chosen, selected])
  const visible = useMemo(
    () => visibleOf(chain, boxes, { closed: opened, shown: chosen }),
    [chain, boxes, opened, chosen],
  )
  const results = useMemo(() => searched(chain, query), [chain, query])
  const found = useMemo(() => (query.trim() === '' ? undefined : new Set(results)), [results])
  const progressOf = useCallback((node: string) => progress(run?.nodes.get(node)), [run])
  const select = (node: string | undefined): void => put({ node })
  const goTo = (node: string): void => {
    setQuery('')
    select(node)
  }
  const toggle = (box: string): void => {
    const next = new Set(opened)
    if (!next.delete(box)) next.add(box)
    setClosed(next)
    setStays(true)
    if (!opened.has(box)) select(undefined)
  }
  const choose = (next: Shown): void => {
    setShown(next)
    setStays(false)
  }
  const closeAll = (next: ReadonlySet<string>): void => {
    setClosed(next)
    setStays(false)
  }
  const list = as === 'list'
  return (
    <div class={`chain-view${selected === undefined ? '' : ' with-panel'}`}>
      <section class="stage" aria-label="Chain">
        <h1 class="hidden-text">Graph of {chain.config}</h1>
        <div class="tools">
          <SearchBox {...{ chain, query, results }} onQuery={setQuery} onChoose={goTo} />
          <GroupFilter chain={chain} chosen={shown.groups} onChange={(groups) => choose({ ...shown, groups })} />
          <NeighbourSelect
            value={shown.neighbours}
            disabled={selected === undefined && shown.neighbours === 'all'}
            onChange={(neighbours) => choose({ ...shown, neighbours })}
          />
          <BoxButtons {...{ boxes, opened }} setClosed={closeAll} />
          <Warnings now={now} />
          <span class="grow" />
          <AsChoice list={list} />
        </div>
        {visible.items.length === 0 ? (
          <Empty title="No group selected">
            <p>Select at least one group to see its tasks.</p>
          </Empty>
        ) : list ? (
          <NodeList {...{ chain, stands, because, selected }} nodes={listed(now, chosen, found)} onSelect={select} />
        ) : (
          <GraphCanvas
            {...{ chain, boxes, visible, stands, progressOf, selected, found, stays }}
            onSelect={select}
            onToggle={toggle}
          />
        )}
        <Legend stands={stands} pending={now.pending} />
      </section>
      {selected === undefined ? null : <NodePanel key={selected} now={now} node={selected} actions={actions} />}
    </div>
  )
}

const AsChoice = ({ list }: { readonly list: boolean }) => (
  <div class="segments" role="group" aria-label="How the chain is shown">
    <button type="button" aria-pressed={!list} onClick={() => put({ as: undefined })}>
      Graph
    </button>
    <button type="button" aria-pressed={list} data-testid="as-list" onClick={() => put({ as: 'list' })}>
      List
    </button>
  </div>
)

const BoxButtons = ({
  boxes: { boxes },
  opened,
  setClosed,
}: {
  readonly boxes: ReturnType<typeof boxesOf>
  readonly opened: ReadonlySet<string>
  readonly setClosed: (closed: ReadonlySet<string>) => void
}) =>
  boxes.length === 0 ? null : opened.size === 0 ? (
    <button type="button" data-testid="close-all" onClick={() => setClosed(new Set(boxes.map(({ id }) => id)))}>
      Close groups
    </button>
  ) : (
    <button type="button" data-testid="open-all" onClick={() => setClosed(new Set())}>
      Open groups
    </button>
  )

const Warnings = ({ now: { chain } }: { readonly now: ChainNow }) =>
  chain.warnings.length === 0 ? null : (
    <Popover label={`⚠ ${chain.warnings.length}`} testId="warnings">
      {chain.warnings.map((warning) => (
        <TroubleText trouble={warning} />
      ))}
    </Popover>
  )

const progress = (node: { readonly done?: number; readonly total?: number } | undefined): number | undefined =>
  node?.done === undefined || node.total === undefined || node.total === 0 ? undefined : node.done / node.total

/** Indexes of the nodes that match the filters; undefined for all. */
const chosenNodes = (
  { chain }: ChainNow,
  { groups, neighbours }: Shown,
  selected: string | undefined,
): ReadonlySet<number> | undefined => {
  const start = chain.nodes.findIndex(({ id }) => id === selected)
  const near = neighbours === 'all' || start < 0 ? undefined : around(start, chain.edges, ...reachOf(neighbours))
  if (groups === undefined) return near
  const inGroups = chain.nodes.flatMap(({ group }, index) =>
    groups.has(chain.groups[group]?.name ?? '') ? [index] : [],
  )
  return new Set(near === undefined ? inGroups : inGroups.filter((index) => near.has(index)))
}

const reachOf = (neighbours: Exclude<Neighbours, 'all'>): readonly [Way, number] => {
  switch (neighbours) {
    case 'one':
      return ['both', 1]
    case 'inputs':
    case 'readers':
      return [neighbours, Infinity]
    case 'lineage':
      return ['both', Infinity]
  }
}

/** The selected node is never hidden in a closed box, and a few filtered nodes are shown without boxes. */
const openedFor = (
  closed: ReadonlySet<string>,
  { boxes, boxOf }: ReturnType<typeof boxesOf>,
  chosen: ReadonlySet<number> | undefined,
  selected: string | undefined,
  { nodes }: ChainNow['chain'],
): ReadonlySet<string> => {
  if (closed.size === 0) return closed
  if (chosen !== undefined && chosen.size <= 200) return new Set()
  const open = new Set<string>()
  const at = selected === undefined ? -1 : nodes.findIndex(({ id }) => id === selected)
  for (let box = boxOf[at] ?? -1; box >= 0; box = boxes[box]?.parent ?? -1) open.add(boxes[box]?.id ?? '')
  return open.size === 0 ? closed : new Set([...closed].filter((id) => !open.has(id)))
}

const listed = (
  { chain }: ChainNow,
  chosen: ReadonlySet<number> | undefined,
  found: ReadonlySet<number> | undefined,
): readonly number[] =>
  chain.nodes.flatMap((_, index) => (chosen?.has(index) === false || found?.has(index) === false ? [] : [index]))
