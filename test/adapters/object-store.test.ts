import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storeOfObjects } from '../../src/adapters/object-store/store-of-objects.js'
import { factsContract, storeContract, upkeepContract } from '../store.contract.js'
import { mapBucket } from './map-bucket.js'

const make = () => {
  const folder = mkdtempSync(join(tmpdir(), 'taskchain-objects-'))
  const cache = { folder, maxBytes: 1e9 }
  return {
    store: storeOfObjects({ bucket: mapBucket(), cache }),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
    heals: true,
  }
}
storeContract('a store of objects', make)
factsContract('a store of objects', make)
upkeepContract('a store of objects', make)
