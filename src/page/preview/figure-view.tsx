import type { FigurePreview } from '../../ui/contract.js'
import { source } from '../state/page-state.js'
import { Empty } from '../widgets/empty.js'
import type { Part } from './part.js'

/** A figure as the picture that was stored with it. */
export const FigureView = ({
  preview,
  part: { config, node },
}: {
  readonly preview: FigurePreview
  readonly part: Part
}) => {
  const view = preview.views.includes('svg') ? 'svg' : preview.views[0]
  const address = view === undefined ? undefined : source.picture({ config, node, view })
  if (address === undefined)
    return (
      <Empty title="No picture">
        <p>{source.live ? 'The figure is stored without a picture.' : 'The picture was left out of this report.'}</p>
      </Empty>
    )
  return (
    <figure class="picture">
      <a href={address} target="_blank" rel="noopener noreferrer" title="Open alone">
        <img src={address} alt={preview.title ?? `Figure of ${node}`} data-testid="figure" />
      </a>
      {preview.title === undefined ? null : <figcaption>{preview.title}</figcaption>}
    </figure>
  )
}
