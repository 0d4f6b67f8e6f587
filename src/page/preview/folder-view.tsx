import type { FolderPreview, ImagePreview, NoPreview, TextPreview } from '../../ui/contract.js'
import { source } from '../state/page-state.js'
import { bytesText, counted, countText } from '../words.js'
import type { Part } from './part.js'
import { Picture } from './picture.js'
import { TextView } from './text-views.js'

/** Files of a folder; a selected picture or text is shown below. */
export const FolderView = ({
  preview,
  part,
}: {
  readonly preview: FolderPreview | ImagePreview
  readonly part: Part
}) => {
  if (preview.kind === 'image') return <FolderPicture image={preview} part={part} />
  return (
    <>
      <p class="dim">
        {counted(preview.files.length + preview.more, 'file')}, {bytesText(preview.bytes)}
      </p>
      <ul class="choices files">
        {preview.files.map(({ path, size, kind }) => (
          <li class="row between">
            {kind === 'image' || kind === 'text' ? (
              <button
                type="button"
                class="link"
                aria-pressed={path === preview.path}
                onClick={() => part.ask({ path })}
              >
                {path}
              </button>
            ) : (
              <span>{path}</span>
            )}
            <span class="dim">{kind === 'link' ? 'a link, not followed' : bytesText(size)}</span>
          </li>
        ))}
      </ul>
      {preview.more > 0 ? <p class="dim">and {countText(preview.more)} more</p> : null}
      {preview.preview === undefined ? null : <File preview={preview.preview} part={part} />}
    </>
  )
}

const File = ({ preview, part }: { readonly preview: ImagePreview | TextPreview | NoPreview; readonly part: Part }) => {
  switch (preview.kind) {
    case 'image':
      return <FolderPicture image={preview} part={part} />
    case 'text':
      return <TextView preview={preview} />
    default:
      return <p>{preview.message}</p>
  }
}

const FolderPicture = ({
  image: { path },
  part: { config, node },
}: {
  readonly image: ImagePreview
  readonly part: Part
}) => {
  const address = source.picture({ config, node, path })
  return address === undefined ? (
    <p class="dim">The picture was left out of this report.</p>
  ) : (
    <figure class="picture">
      <Picture addresses={[address]} alt={path} />
    </figure>
  )
}
