import { useEffect, useRef, useState } from 'preact/hooks'
import type { ChainAnswer } from '../../ui/contract.js'
import { countText } from '../words.js'

interface SearchBoxProps {
  readonly chain: ChainAnswer
  readonly query: string
  /** Indexes of nodes, best first. */
  readonly results: readonly number[]
  readonly onQuery: (query: string) => void
  readonly onChoose: (node: string) => void
}

const shown = 12

/** Finds tasks by parts of their names; arrows walk through the results, Enter selects one. */
export const SearchBox = ({ chain, query, results, onQuery, onChoose }: SearchBoxProps) => {
  const [at, setAt] = useState(0)
  const [open, setOpen] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const focus = (event: KeyboardEvent): void => {
      const inField =
        event.target instanceof Element && event.target.closest('input, textarea, select, dialog') !== null
      if (event.key !== '/' || inField) return
      event.preventDefault()
      input.current?.focus()
    }
    addEventListener('keydown', focus)
    return () => removeEventListener('keydown', focus)
  }, [])
  const choose = (index: number): void => {
    const node = chain.nodes[results[index] ?? -1]
    if (node === undefined) return
    setOpen(false)
    onChoose(node.id)
  }
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') setAt(Math.min(at + 1, Math.min(shown, results.length) - 1))
    else if (event.key === 'ArrowUp') setAt(Math.max(0, at - 1))
    else if (event.key === 'Enter') choose(at)
    else if (event.key === 'Escape') onQuery('')
    else return
    event.preventDefault()
  }
  const expanded = open && query !== ''
  return (
    <div class="search" role="search">
      <input
        ref={input}
        type="text"
        placeholder="Find a task   /"
        aria-label="Find a task"
        role="combobox"
        aria-expanded={expanded}
        aria-controls="search-results"
        aria-activedescendant={expanded && results.length > 0 ? `search-result-${at}` : undefined}
        aria-autocomplete="list"
        autocomplete="off"
        spellcheck={false}
        data-testid="search"
        value={query}
        onInput={({ currentTarget }) => {
          setAt(0)
          setOpen(true)
          onQuery(currentTarget.value)
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKey}
      />
      {expanded ? <Results {...{ chain, results, at, choose }} /> : null}
    </div>
  )
}

interface ResultsProps extends Pick<SearchBoxProps, 'chain' | 'results'> {
  readonly at: number
  readonly choose: (index: number) => void
}

const Results = ({ chain, results, at, choose }: ResultsProps) => (
  <div class="search-results">
    <ul id="search-results" role="listbox" aria-label="Tasks found">
      {results.slice(0, shown).map((node, index) => {
        const { id = '', name = '' } = chain.nodes[node] ?? {}
        return (
          <li
            id={`search-result-${index}`}
            role="option"
            aria-selected={index === at}
            onPointerDown={(event) => {
              event.preventDefault()
              choose(index)
            }}
          >
            <strong>{name}</strong> <span class="dim">{id.slice(0, id.length - name.length).replace(/[:]+$/, '')}</span>
          </li>
        )
      })}
    </ul>
    <p class="dim" role="status">
      {results.length === 0
        ? 'No task name contains this'
        : results.length > shown
          ? `${countText(results.length)} tasks, the first ${shown} are listed`
          : ''}
    </p>
  </div>
)
