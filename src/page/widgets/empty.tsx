import type { ComponentChildren } from 'preact'
import type { Loaded } from '../state/use-answer.js'
import { Troubles } from './trouble.js'

/** A view with nothing to show: says what it would show and how to get there. */
export const Empty = ({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) => (
  <div class="empty" data-testid="empty">
    <h2>{title}</h2>
    {children}
  </div>
)

export const Loading = ({ what }: { readonly what: string }) => (
  <p class="loading" role="status">
    <span class="spinner" aria-hidden="true" /> {what}
  </p>
)

/** Renders an answer once it is there; until then a loading message, or the errors. */
export const WhenThere = <Value,>({
  loaded,
  what,
  title,
  children,
}: {
  readonly loaded: Loaded<Value>
  readonly what: string
  /** Title above the errors, if there are any. */
  readonly title?: string
  readonly children: (value: Value) => ComponentChildren
}) => {
  if (loaded.value !== undefined) return <>{children(loaded.value)}</>
  if (loaded.errors !== undefined)
    return <Troubles errors={loaded.errors} {...(title === undefined ? {} : { title })} />
  return <Loading what={what} />
}
