import type { Trouble } from '../../ui/contract.js'

/** Errors as text, each with its place and hint. */
export const Troubles = ({ errors, title }: { readonly errors: readonly Trouble[]; readonly title?: string }) => (
  <div class="troubles" role="alert" data-testid="troubles">
    {title === undefined ? null : <h2>{title}</h2>}
    {errors.map((error) => (
      <TroubleText trouble={error} />
    ))}
  </div>
)

export const TroubleText = ({ trouble: { message, hint, place } }: { readonly trouble: Trouble }) => (
  <div class="trouble">
    <p class="trouble-message">{message}</p>
    {place === undefined ? null : <p class="place">{`${place.file}:${place.line}:${place.column}`}</p>}
    {hint === undefined ? null : <p class="hint">{hint}</p>}
  </div>
)
