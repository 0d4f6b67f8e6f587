import { useState } from 'preact/hooks'
import { changes } from '../state/page-state.js'

/** A picture of the store: the next of its addresses where one cannot be shown, and words where none can. */
export const Picture = ({
  addresses,
  alt,
  testId,
}: {
  readonly addresses: readonly string[]
  readonly alt: string
  readonly testId?: string
}) => {
  const store = changes.store.value // what has changed may be whole again
  const [failed, setFailed] = useState({ store, count: 0 })
  const count = failed.store === store ? failed.count : 0
  const address = addresses[count]
  return address === undefined ? (
    <p class="failure">The picture cannot be shown: its file is damaged, or gone.</p>
  ) : (
    <a href={address} target="_blank" rel="noopener noreferrer" title="Open alone">
      <img src={address} alt={alt} data-testid={testId} onError={() => setFailed({ store, count: count + 1 })} />
    </a>
  )
}
