import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'

const packed = promisify(gzip)

/** Smaller answers are sent uncompressed. */
const smallest = 4096

/** An answer's bytes, compressed if they are many and the browser accepts that. */
export const compact = async (
  body: Uint8Array,
  accepts: string | undefined,
): Promise<{ readonly body: Uint8Array; readonly headers: Readonly<Record<string, string>> }> =>
  body.byteLength < smallest || !/\bgzip\b/.test(accepts ?? '')
    ? { body, headers: {} }
    : { body: await packed(body, { level: constants.Z_BEST_SPEED }), headers: { 'content-encoding': 'gzip' } }
