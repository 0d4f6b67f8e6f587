import type { ComponentChildren } from 'preact'

interface Tab {
  readonly id: string
  readonly title: string
  readonly body: () => ComponentChildren
}

/** Accessible tabs: arrow keys move to the next one. */
export const Tabs = ({
  label,
  tabs,
  chosen,
  onChoose,
}: {
  readonly label: string
  readonly tabs: readonly Tab[]
  readonly chosen: string
  readonly onChoose: (id: string) => void
}) => {
  const at = Math.max(
    0,
    tabs.findIndex(({ id }) => id === chosen),
  )
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    const next = tabs[(at + step + tabs.length) % tabs.length]
    if (step === 0 || next === undefined) return
    event.preventDefault()
    onChoose(next.id)
    document.getElementById(`tab-${next.id}`)?.focus()
  }
  return (
    <>
      <div class="tabs" role="tablist" aria-label={label} onKeyDown={onKey}>
        {tabs.map(({ id, title }, index) => (
          <button
            type="button"
            role="tab"
            id={`tab-${id}`}
            aria-selected={index === at}
            aria-controls="tab-body"
            tabIndex={index === at ? 0 : -1}
            onClick={() => onChoose(id)}
          >
            {title}
          </button>
        ))}
      </div>
      <div class="tab-body" role="tabpanel" id="tab-body" aria-labelledby={`tab-${tabs[at]?.id ?? ''}`} tabIndex={0}>
        {tabs[at]?.body()}
      </div>
    </>
  )
}
