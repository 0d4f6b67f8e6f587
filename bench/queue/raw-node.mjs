// One node of the raw engine, in a separate process: reads its inputs, waits, writes a file and renames it.
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pause } from './layers.mjs'

export default async ({ data: { folder, round, node, inputs } }) => {
  const texts = await Promise.all(inputs.map((input) => readFile(join(folder, `${round}-${input}.json`), 'utf8')))
  await pause()
  const path = join(folder, `${round}-${node}.json`)
  await writeFile(`${path}.tmp`, JSON.stringify(texts.reduce((sum, text) => sum + JSON.parse(text), 1) % 1_000_003))
  await rename(`${path}.tmp`, path)
  return 'kept'
}
