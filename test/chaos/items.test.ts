import { beforeAll, expect, it } from 'vitest'
import { builtOnce } from '../build-once.js'
import { killingItems } from './item-kills.js'

/** The short form; the long one is `npm run chaos -- --only items --kills 100`, its figures are in docs/items.md. */

beforeAll(builtOnce)

it('who is killed while it pays for items pays again for nothing but what was under way', async () => {
  expect(await killingItems({ kills: 3, items: 300, seed: 2026 })).toMatchObject({ atWork: 3, problems: [] })
}, 600_000) // a kill takes as long as the machine is busy
