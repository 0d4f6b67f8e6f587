import type { TablePreview } from '../../ui/contract.js'
import { CellText } from './cell.js'
import { Pager } from './pager.js'
import type { Part } from './part.js'
import { ColumnSummaryView } from './summary.js'

const page = 100
const wide = 50

/** Rows and columns in pages; summaries only on request, since they read whole columns. */
export const TableView = ({
  preview,
  part: { question, ask },
}: {
  readonly preview: TablePreview
  readonly part: Part
}) => {
  const { rows, columns, columnsInAll, columnsFrom, offset, cells } = preview
  const change = (next: object): void => ask({ columnsLimit: wide, ...question, ...next })
  return (
    <>
      <div class="row wrap">
        <Pager
          offset={offset}
          shown={cells.length}
          total={rows}
          what="rows"
          page={page}
          onOffset={(next) => change({ offset: next, limit: page })}
        />
        {columnsInAll <= columns.length ? null : (
          <Pager
            offset={columnsFrom}
            shown={columns.length}
            total={columnsInAll}
            what="columns"
            page={wide}
            onOffset={(columnsFrom) => change({ columnsFrom })}
          />
        )}
        <label class="check">
          <input
            type="checkbox"
            data-testid="summary"
            checked={question.summary === 1}
            onChange={({ currentTarget: { checked } }) => {
              const { summary: _, ...rest } = question
              ask({ columnsLimit: wide, ...rest, ...(checked ? { summary: 1 } : {}) })
            }}
          />{' '}
          Summaries
        </label>
      </div>
      <div class="scroll" tabIndex={0} role="region" aria-label="Table">
        <table class="data">
          <thead>
            <tr>
              <th class="index" scope="col">
                <span class="hidden-text">Row</span>
              </th>
              {columns.map(({ name, type, summary }) => (
                <th scope="col">
                  <span class="column-name">{name}</span>
                  <span class="dim">{type}</span>
                  {summary === undefined ? null : <ColumnSummaryView name={name} summary={summary} />}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {cells.map((row, index) => (
              <tr>
                <th scope="row" class="index">
                  {offset + index}
                </th>
                {row.map((cell) => (
                  <td>
                    <CellText cell={cell} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {rows === 0 ? <p class="dim pad">The table has no rows.</p> : null}
      </div>
    </>
  )
}
