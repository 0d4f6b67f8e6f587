import { useState } from 'preact/hooks'
import type { NodeAnswer } from '../../ui/contract.js'
import { ActionDialog, type Wanted } from '../actions/action-dialog.js'
import { StandBadge } from '../graph/legend.js'
import type { ChainNow } from '../graph/use-chain.js'
import { itemsOf } from '../preview/items-view.js'
import { Preview } from '../preview/preview.js'
import { put, route } from '../state/page-state.js'
import { standWords } from '../state/stand.js'
import { useAnswer } from '../state/use-answer.js'
import { WhenThere } from '../widgets/empty.js'
import { Tabs } from '../widgets/tabs.js'
import { About } from './about.js'
import { Log } from './log.js'

/** Details of one node, next to the graph. */
export const NodePanel = ({
  now,
  node,
  actions,
}: {
  readonly now: ChainNow
  readonly node: string
  readonly actions: boolean
}) => {
  const { chain, stands, because, run } = now
  const index = chain.nodes.findIndex(({ id }) => id === node)
  const known = chain.nodes[index]
  const answer = useAnswer('node', known === undefined ? undefined : { config: chain.config, node }, [
    'project',
    'store',
  ])
  const [wanted, setWanted] = useState<Wanted>()
  const stand = stands[index] ?? 'to_run'
  const why = because[index]
  const error = run?.nodes.get(node)?.error
  const [wide, setWide] = useState(false)
  const close = (): void => {
    put({ node: undefined, tab: undefined })
    document.querySelector<HTMLElement>('.graph-frame, [data-testid="node-list"]')?.focus()
  }
  return (
    <aside
      class={`panel${wide ? ' wide' : ''}`}
      aria-label={`Task ${node}`}
      data-testid="panel"
      onKeyDown={({ key }) => {
        if (key === 'Escape') close()
      }}
    >
      <header class="panel-head">
        <PanelTitle node={node} name={known?.name ?? node} wide={wide} onWide={() => setWide(!wide)} onClose={close} />
        <p class="row wrap">
          {known === undefined ? (
            'This config has no such task.'
          ) : (
            <StandBadge stand={stand} text={standWords(stand, why === undefined ? {} : { because: why })} />
          )}
          <span class="dim">{node}</span>
        </p>
        {error === undefined ? null : <p class="failure">{error.message}</p>}
        {actions && known !== undefined ? <PanelActions node={node} onAsk={setWanted} /> : null}
      </header>
      {known === undefined ? null : (
        <WhenThere loaded={answer} what="Reading">
          {(found) => <PanelTabs config={chain.config} answer={found} />}
        </WhenThere>
      )}
      {wanted === undefined ? null : (
        <ActionDialog config={chain.config} wanted={wanted} onClose={() => setWanted(undefined)} />
      )}
    </aside>
  )
}

interface PanelTitleProps {
  readonly node: string
  readonly name: string
  readonly wide: boolean
  readonly onWide: () => void
  readonly onClose: () => void
}

const PanelTitle = ({ node, name, wide, onWide, onClose }: PanelTitleProps) => (
  <div class="row between">
    <h2 title={node}>{name}</h2>
    <span class="row tight">
      <button
        type="button"
        class="quiet only-wide"
        aria-pressed={wide}
        aria-label="Wide"
        title={wide ? 'Narrower' : 'Wider'}
        onClick={onWide}
      >
        {wide ? '⇥' : '⇤'}
      </button>
      <button type="button" class="quiet" aria-label="Close" data-testid="close-panel" onClick={onClose}>
        ✕
      </button>
    </span>
  </div>
)

const PanelActions = ({ node, onAsk }: { readonly node: string; readonly onAsk: (wanted: Wanted) => void }) => (
  <p class="row">
    <button type="button" data-testid="run-node" onClick={() => onAsk({ action: 'run', tasks: [node] })}>
      Run…
    </button>
    <button type="button" data-testid="force-node" onClick={() => onAsk({ action: 'force', tasks: [node] })}>
      Force…
    </button>
  </p>
)

const PanelTabs = ({ config, answer }: { readonly config: string; readonly answer: NodeAnswer }) => (
  <Tabs
    label="Views of the task"
    chosen={route.value.words.tab ?? 'about'}
    onChoose={(tab) => put({ tab: tab === 'about' ? undefined : tab })}
    tabs={[
      { id: 'about', title: 'About', body: () => <About answer={answer} /> },
      { id: 'value', title: 'Value', body: () => <Preview key="value" config={config} node={answer.id} /> },
      ...answer.items.slice(0, 1).map(({ name }) => ({
        id: 'items',
        title: 'Items',
        body: () => <Preview key="items" config={config} node={answer.id} first={itemsOf(name)} />,
      })),
      { id: 'log', title: 'Log', body: () => <Log config={config} node={answer.id} logs={answer.logs} /> },
      { id: 'why', title: 'Why', body: () => <Why answer={answer} /> },
    ]}
  />
)

/** Why a node is or is not recomputed, as `taskchain why` explains it. */
const Why = ({ answer: { why } }: { readonly answer: NodeAnswer }) =>
  why.length === 0 ? (
    <p class="dim">There is nothing to explain.</p>
  ) : (
    <pre class="text why" data-testid="why">
      {why.join('\n')}
    </pre>
  )
