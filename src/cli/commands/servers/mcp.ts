import { resolve } from 'node:path'
import { isS3Address } from '../../../adapters/object-store/s3/s3-address.js'
import type { Command } from '../../call.js'
import { exitCodes } from '../../exit-codes.js'

/** `mcp`: serves an assistant over the Model Context Protocol on standard input and output, until it disconnects. */
export const mcp: Command = async (call) => {
  const { project, store, context, set } = call.common
  const { folder } = call.host
  const { serveAssistant } = await import('../../../mcp/server.js')
  await serveAssistant({
    folder,
    common: [
      ...(project === undefined ? [] : [`--project=${resolve(folder, project)}`]),
      ...(store === undefined ? [] : [`--store=${isS3Address(store) ? store : resolve(folder, store)}`]),
      ...context.map((file) => `--context=${file}`),
      ...set.map((one) => `--set=${one}`),
    ],
  })
  return exitCodes.done
}
