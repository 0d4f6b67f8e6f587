import type { ComponentChildren } from 'preact'
import type { ChainAnswer } from '../../ui/contract.js'
import { fillOf, lineOf } from '../layout/colours.js'
import { isDark } from '../state/theme.js'
import { counted } from '../words.js'
import { colourOf } from './scene.js'

/** Filters of a graph: selected groups, a task with its neighbours. */
export interface Shown {
  /** Names of groups; undefined for all. */
  readonly groups: ReadonlySet<string> | undefined
  readonly neighbours: Neighbours
}

export type Neighbours = 'all' | 'one' | 'inputs' | 'readers' | 'lineage'

export const neighbourWords: { readonly [which in Neighbours]: string } = {
  all: 'Everything',
  one: 'Task and neighbours',
  inputs: 'Task and dependencies',
  readers: 'Task and dependents',
  lineage: 'Task and its lineage',
}

const isNeighbours = (word: string): word is Neighbours => Object.hasOwn(neighbourWords, word)

export const NeighbourSelect = ({
  value,
  disabled,
  onChange,
}: {
  readonly value: Neighbours
  readonly disabled: boolean
  readonly onChange: (next: Neighbours) => void
}) => (
  <select
    aria-label="What is shown around the selected task"
    title={disabled ? 'Select a task first' : 'What is shown around the selected task'}
    data-testid="neighbours"
    value={value}
    disabled={disabled}
    onChange={({ currentTarget: { value: next } }) => onChange(isNeighbours(next) ? next : 'all')}
  >
    {Object.entries(neighbourWords).map(([word, text]) => (
      <option value={word}>{text}</option>
    ))}
  </select>
)

/** The groups of the chain with their colours, to select from. */
export const GroupFilter = ({
  chain,
  chosen,
  onChange,
}: {
  readonly chain: ChainAnswer
  readonly chosen: ReadonlySet<string> | undefined
  readonly onChange: (next: ReadonlySet<string> | undefined) => void
}) => {
  const counts = new Map<number, number>()
  for (const { group } of chain.nodes) counts.set(group, (counts.get(group) ?? 0) + 1)
  const names = chain.groups.map(({ name }) => name)
  const toggled = (name: string): void => {
    const next = new Set(chosen ?? names)
    if (!next.delete(name)) next.add(name)
    onChange(next.size === names.length ? undefined : next)
  }
  return (
    <Popover label={chosen === undefined ? 'Groups' : `Groups ${chosen.size}/${names.length}`} testId="groups">
      <div class="row between">
        <button type="button" class="link" onClick={() => onChange(undefined)}>
          All
        </button>
        <button type="button" class="link" onClick={() => onChange(new Set())}>
          None
        </button>
      </div>
      <ul class="choices">
        {chain.groups.map(({ name }, index) => (
          <li>
            <label>
              <input type="checkbox" checked={chosen?.has(name) ?? true} onChange={() => toggled(name)} />
              <Swatch colour={colourOf(chain, index)} />
              <span class="grow">{name === '' ? '(no group)' : name}</span>
              <span class="dim">{counts.get(index) ?? 0}</span>
            </label>
          </li>
        ))}
      </ul>
      <p class="dim">{counted(chain.nodes.length, 'task')} in all</p>
    </Popover>
  )
}

export const Swatch = ({ colour }: { readonly colour: number }) => (
  <span
    class="swatch"
    aria-hidden="true"
    style={{ backgroundColor: fillOf(colour, isDark()), borderColor: lineOf(colour, isDark()) }}
  />
)

/** A button that opens a popup below it; Escape or a click elsewhere closes it. */
export const Popover = ({
  label,
  testId,
  children,
}: {
  readonly label: string
  readonly testId: string
  readonly children: ComponentChildren
}) => (
  <details
    class="popover"
    data-testid={testId}
    onToggle={({ currentTarget: details }) => {
      if (!details.open) return
      const close = (event: Event): void => {
        const { target } = event
        const isInside = target instanceof Node && details.contains(target)
        if (event instanceof KeyboardEvent ? event.key !== 'Escape' : isInside) return
        details.open = false
        removeEventListener('pointerdown', close)
        removeEventListener('keydown', close)
      }
      addEventListener('pointerdown', close)
      addEventListener('keydown', close)
    }}
  >
    <summary>{label}</summary>
    <div class="popover-body">{children}</div>
  </details>
)
