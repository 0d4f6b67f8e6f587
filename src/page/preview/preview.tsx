import { useEffect, useState } from 'preact/hooks'
import type { Preview as PreviewValue } from '../../ui/contract.js'
import type { PreviewQuestion } from '../../ui/addresses.js'
import { type Loaded, useAnswer } from '../state/use-answer.js'
import { Empty, WhenThere } from '../widgets/empty.js'
import { TroubleText } from '../widgets/trouble.js'
import { bytesText } from '../words.js'
import { ArrayView, ArraysView } from './array-view.js'
import { FigureView } from './figure-view.js'
import { FolderView } from './folder-view.js'
import { ItemsView } from './items-view.js'
import { LinesView, TextView, TreeView } from './text-views.js'
import type { Part } from './part.js'
import { TableView } from './table-view.js'

/** The value of a node, as much as fits, shown according to its format; or what `first` requests in addition. */
export const Preview = ({
  config,
  node,
  first = {},
}: {
  readonly config: string
  readonly node: string
  readonly first?: PreviewQuestion
}) => {
  const [question, ask] = useState(first)
  const answer = useAnswer('preview', { config, node, ...question }, ['project', 'store'])
  const loaded = useLast(answer)
  return (
    <WhenThere loaded={loaded} what="Reading the value">
      {({ format, size, preview }) => (
        <div class="preview" data-testid="preview" data-kind={preview.kind} aria-busy={answer.loading}>
          <p class="dim">
            {preview.kind === 'items' ? 'Results of items, each stored separately' : format}
            {size === undefined ? '' : ` · ${bytesText(size)}`}
            {answer.loading ? ' · reading' : ''}
          </p>
          <Kind preview={preview} part={{ config, node, question, ask }} />
        </div>
      )}
    </WhenThere>
  )
}

/** Keeps the previous part while another one is loading. */
const useLast = <Value,>(loaded: Loaded<Value>): Loaded<Value> => {
  const [last, setLast] = useState<Value>()
  useEffect(() => {
    if (loaded.value !== undefined) setLast(loaded.value)
  }, [loaded.value])
  return loaded.value === undefined && loaded.errors === undefined && last !== undefined
    ? { value: last, loading: true }
    : loaded
}

const Kind = ({ preview, part }: { readonly preview: PreviewValue; readonly part: Part }) => {
  switch (preview.kind) {
    case 'table':
      return <TableView preview={preview} part={part} />
    case 'array':
      return <ArrayView preview={preview} part={part} />
    case 'arrays':
      return <ArraysView preview={preview} part={part} />
    case 'figure':
      return <FigureView preview={preview} part={part} />
    case 'tree':
      return <TreeView root={preview.root} />
    case 'lines':
      return <LinesView preview={preview} part={part} />
    case 'text':
      return <TextView preview={preview} />
    case 'folder':
    case 'image':
      return <FolderView preview={preview} part={part} />
    case 'items':
      return <ItemsView preview={preview} part={part} />
    default:
      return (
        <Empty title={noneTitles[preview.kind]}>
          <p>{preview.message}</p>
          {preview.size === undefined ? null : (
            <p class="dim">
              Its size is {bytesText(preview.size)}
              {preview.limit === undefined ? '' : `; a preview reads at most ${bytesText(preview.limit)}`}.
            </p>
          )}
          {preview.trouble === undefined ? null : <TroubleText trouble={preview.trouble} />}
        </Empty>
      )
  }
}

const noneTitles = {
  'too large': 'Too large to preview',
  damaged: 'Its data is damaged',
  'not computed': 'Not computed yet',
  unreadable: 'It cannot be read',
  'in memory': 'Kept in memory only',
  'too slow': 'It took too long to read',
  'left out': 'Not in this report',
} as const
