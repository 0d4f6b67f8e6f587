import type { LinesPreview, TextPreview, TreeNode } from '../../ui/contract.js'
import { bytesText, countText } from '../words.js'
import { cellText } from './cell.js'
import { Pager } from './pager.js'
import type { Part } from './part.js'

const page = 100

export const TextView = ({ preview: { text, more, binary } }: { readonly preview: TextPreview }) => (
  <>
    <pre class={`text${binary ? ' binary' : ''}`} tabIndex={0}>
      {text === '' ? 'The text is empty.' : text}
    </pre>
    {more > 0 ? <p class="dim">and {bytesText(more)} more</p> : null}
  </>
)

export const LinesView = ({ preview, part }: { readonly preview: LinesPreview; readonly part: Part }) => (
  <>
    <Pager
      offset={preview.offset}
      shown={preview.items.length}
      total={preview.total ?? (preview.end ? preview.offset + preview.items.length : undefined)}
      what="lines"
      page={page}
      onOffset={(offset) => part.ask({ offset, limit: page })}
    />
    <ol class="lines" start={preview.offset + 1}>
      {preview.items.map((item) => (
        <li>
          <TreeView root={item} />
        </li>
      ))}
    </ol>
  </>
)

/** JSON as a tree; deep levels are closed at first. */
export const TreeView = ({ root }: { readonly root: TreeNode }) => (
  <div class="tree">
    <Branch node={root} depth={0} />
  </div>
)

const Branch = ({ node, depth, name }: { readonly node: TreeNode; readonly depth: number; readonly name?: string }) => {
  const label = name === undefined ? null : <span class="tree-name">{name}: </span>
  if (node.kind === 'value')
    return (
      <p>
        {label}
        <span class={`tree-${node.value === null ? 'null' : typeof node.value}`}>
          {typeof node.value === 'string'
            ? JSON.stringify(node.value)
            : node.value === null
              ? 'null'
              : cellText(node.value)}
        </span>
      </p>
    )
  const parts =
    node.kind === 'list'
      ? node.items.map((value, index) => ({ name: String(index), value }))
      : node.fields.map((field) => ({ name: field.name, value: field.value }))
  const what = node.kind === 'list' ? `[${countText(node.length)}]` : `{${countText(node.length)}}`
  if (node.length === 0)
    return (
      <p>
        {label}
        <span class="dim">{node.kind === 'list' ? '[]' : '{}'}</span>
      </p>
    )
  return (
    <details open={depth < 2 && node.length <= 40}>
      <summary>
        {label}
        <span class="dim">{what}</span>
      </summary>
      <div class="tree-inner">
        {parts.map((part) => (
          <Branch node={part.value} depth={depth + 1} name={part.name} />
        ))}
        {node.more > 0 ? <p class="dim">and {countText(node.more)} more</p> : null}
      </div>
    </details>
  )
}
