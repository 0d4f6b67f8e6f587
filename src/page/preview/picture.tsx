import { useState } from 'preact/hooks'
import { changes } from '../state/page-state.js'

/** A picture from the store: tries its addresses in turn, and shows a message if none works. */
export const Picture = ({
  addresses,
  alt,
  testId,
}: {
  readonly addresses: readonly string[]
  readonly alt: string
  readonly testId?: string
}) => {
  const store = changes.store.value // after a change of the store it may be intact again
  const [failed, setFailed] = useState({ store, count: 0 })
  const count = failed.store === store ? failed.count : 0
  const address = addresses[count]
  return address === undefined ? (
    <p class="failure">The picture cannot be shown: its file is damaged or missing.</p>
  ) : (
    <a href={address} target="_blank" rel="noopener noreferrer" title="Open in a new tab">
      <img src={address} alt={alt} data-testid={testId} onError={() => setFailed({ store, count: count + 1 })} />
    </a>
  )
}
