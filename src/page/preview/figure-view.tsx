import type { FigurePreview } from '../../ui/contract.js'
import { source } from '../state/page-state.js'
import { Empty } from '../widgets/empty.js'
import type { Part } from './part.js'
import { Picture } from './picture.js'

/** A figure as the picture that was stored with it. */
export const FigureView = ({
  preview,
  part: { config, node },
}: {
  readonly preview: FigurePreview
  readonly part: Part
}) => {
  const views = preview.views.toSorted((left, right) => Number(right === 'svg') - Number(left === 'svg'))
  const addresses = views.flatMap((view) => source.picture({ config, node, view }) ?? [])
  if (addresses.length === 0)
    return (
      <Empty title="No picture">
        <p>{source.live ? 'The figure is stored without a picture.' : 'The picture was left out of this report.'}</p>
      </Empty>
    )
  return (
    <figure class="picture">
      <Picture addresses={addresses} alt={preview.title ?? `Figure of ${node}`} testId="figure" />
      {preview.title === undefined ? null : <figcaption>{preview.title}</figcaption>}
    </figure>
  )
}
