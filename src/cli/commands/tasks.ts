import { relative } from 'node:path'
import type { TaskRow } from '../../runtime/chain/chain-types.js'
import { standingOf } from '../../inspect/standing.js'
import { operand, print, widthOf, type Call, type Command } from '../call.js'
import { exitCodes } from '../exit-codes.js'
import { jsonDocument, plain } from '../json-output.js'
import { stateWords, statePaint } from '../render/render-plan.js'
import { tableLines } from '../render/render-table.js'
import { withChain } from '../open-chain-of-call.js'
import { cutMiddle, oneLine } from '../render/text-width.js'
import { byteSize, duration, shortTime } from '../render/units.js'

/** `tasks CONFIG`: a table of the tasks and their stored results. */
export const tasks: Command = (call) =>
  withChain(call, operand(call, 'config'), {}, async (chain, store) => {
    const rows = await chain.tasks()
    if (call.common.json) {
      const { because } = await standingOf(chain, store)
      const tasks = rows.map((row) => ({ ...row, because: because.get(row.fullName) }))
      call.host.out.write(jsonDocument({ tasks }, 2))
    } else print(call, taskLines(rows, call))
    return exitCodes.done
  })

const computedText = ({ computed, formerly, state, refresh }: TaskRow): string => {
  if (computed) return `yes${formerly === undefined ? '' : `, adopted from ${formerly}`}`
  if (state === 'stale' && refresh?.due === true) return 'due for refresh'
  return state === 'to_run' ? 'no' : stateWords[state]
}

const taskLines = (rows: readonly TaskRow[], call: Call): readonly string[] => {
  const paint = call.paint.out
  return tableLines<TaskRow>(
    [
      { title: 'task', cell: (row) => row.fullName },
      { title: 'namespace', cell: (row) => row.namespace },
      { title: 'computed', cell: computedText, paint: (text, row) => statePaint(paint, row.state)(text) },
      { title: 'when', cell: (row) => (row.when === undefined ? '' : shortTime(row.when)) },
      { title: 'took', cell: (row) => (row.seconds === undefined ? '' : duration(row.seconds)), align: 'right' },
      { title: 'size', cell: (row) => (row.size === undefined ? '' : byteSize(row.size)), align: 'right' },
      {
        title: 'path',
        cell: (row) =>
          row.path === undefined
            ? ''
            : cutMiddle(shorter(call.host.folder, row.path), call.host.out.isTerminal ? 36 : Infinity),
        paint: (text) => paint.dim(text),
      },
      { title: 'params', cell: (row) => paramText(row.params), most: 60 },
      { title: 'inputs', cell: (row) => row.inputs.join(', '), most: 60 },
    ],
    rows,
    { columns: widthOf(call), paintTitle: (text) => paint.bold(text) },
  )
}

const shorter = (folder: string, path: string): string => {
  const from = relative(folder, path)
  return from !== '' && from.length < path.length ? from : path
}

const paramText = (params: TaskRow['params']): string =>
  oneLine(
    Object.entries(params)
      .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(plain(value))}`)
      .join(' '),
  )
