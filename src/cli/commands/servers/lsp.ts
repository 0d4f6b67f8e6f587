import { resolve } from 'node:path'
import { isS3Address } from '../../../adapters/object-store/s3/s3-address.js'
import type { Command } from '../../call.js'
import { exitCodes } from '../../exit-codes.js'
import { setValues } from '../../../inspect/set-values.js'

/** `lsp`: serves the language server protocol on standard input and output until its client disconnects. */
export const lsp: Command = async (call) => {
  const { project, context, set, store } = call.common
  const { folder } = call.host
  setValues(set) // reports bad values before the server starts
  const { serveConfigs } = await import('../../../lsp/server.js')
  await serveConfigs({
    folder,
    project: project === undefined ? undefined : resolve(folder, project),
    contexts: context,
    set,
    store: store === undefined || isS3Address(store) ? store : resolve(folder, store),
  })
  return exitCodes.done
}
