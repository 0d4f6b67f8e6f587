import { join } from 'node:path'
import * as t from 'io-ts'
import { jsonLines } from '../../src/data/index.js'
import { cached, formatCache } from '../../src/helpers/index.js'

/** Writes a result that never ends into the cache of a folder, and says when it has begun. */
const cache = formatCache(join(process.argv[2] as string, 'cache'), jsonLines(t.string))
const endless = async function* (): AsyncGenerator<string> {
  for (let count = 0; ; count++) {
    if (count === 100_000) process.stdout.write('begun')
    if (count < 100_000) yield `item ${count}`
    else await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}
await cached(endless, { cache, name: 'endless' })()
