import type { Call } from '../call.js'
import { jsonDocument } from '../json-output.js'
import { oneLine } from '../render/text-width.js'
import { counted } from '../render/units.js'
import type { RoundEnd } from './round.js'

/** What `--watch` prints around its rounds; nothing with `--quiet`. */

const mostNamed = 5

/** Before a round: what has changed since the previous one. */
export const sayRound = (call: Call, round: number, changed: readonly string[]): void => {
  if (call.common.json) call.host.out.write(jsonDocument({ event: 'round', round, changed }))
  else if (round > 1 && call.options['quiet'] !== true) {
    const named = changed.slice(0, mostNamed).map(oneLine).join(', ')
    const more = changed.length > mostNamed ? ` and ${changed.length - mostNamed} more` : ''
    call.host.out.write(`\n${call.paint.out.cyan('changed')}  ${named}${more}\n`)
  }
}

/** After a round. */
export const sayWatching = (call: Call, round: number, { code, signal }: RoundEnd, files: number): void => {
  if (call.common.json) call.host.out.write(jsonDocument({ event: 'watching', round, exit: code, signal, files }))
  else if (call.options['quiet'] !== true || signal !== null) {
    const end = signal === null ? '' : `${call.paint.out.red(`the run was ended by ${signal}`)}; `
    call.host.out.write(`${end}${call.paint.out.dim(`watching ${counted(files, 'file')}; Ctrl-C ends`)}\n`)
  }
}
