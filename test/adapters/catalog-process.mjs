// A process of its own that writes to the catalog of a store; tests kill it. It says of each batch that it was written.
import * as fs from 'node:fs'
import { openCatalog } from '../../dist/adapters/catalog/catalog.js'
import { fileLeases } from '../../dist/adapters/lease/file-lease.js'

const { root, number, batches } = JSON.parse(process.argv[2])
const catalog = openCatalog(fs, root, fileLeases(fs, root), () => 'now')
const said = (message) => new Promise((resolve) => process.send(message, resolve))

for (let batch = 0; batch < batches; batch++) {
  const keys = Array.from({ length: 20 }, (_, at) => `${number}-${batch}-${at}`)
  catalog.add(keys.map((key) => ({ folder: 'a/b', key, stamp: 'now', identity: '', text: 'x'.repeat(100) })))
  await said(keys)
  if (batch % 25 === 24) await catalog.flush()
}
await catalog.flush()
process.disconnect()
