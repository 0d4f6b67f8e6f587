import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'

const packed = promisify(gzip)

/** Less is sent as it is. */
const smallest = 4096

/** An answer's bytes, and whether they are packed: large ones are, where the browser takes that. */
export const compact = async (
  body: Uint8Array,
  accepts: string | undefined,
): Promise<{ readonly body: Uint8Array; readonly headers: Readonly<Record<string, string>> }> =>
  body.byteLength < smallest || !/\bgzip\b/.test(accepts ?? '')
    ? { body, headers: {} }
    : { body: await packed(body, { level: constants.Z_BEST_SPEED }), headers: { 'content-encoding': 'gzip' } }
