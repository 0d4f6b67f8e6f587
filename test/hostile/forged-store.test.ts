import { afterAll, beforeAll, expect, it } from 'vitest'
import { builtOnce } from '../build-once.js'
import { forgery, type Forgery } from './forged-store.js'

/** `npm run forge -- --cases 100000 --seed N` is the long form. FORGE_SEED repeats a run. */
const seed = Number(process.env['FORGE_SEED'] ?? Date.now() % 1e6)

let store: Forgery
beforeAll(async () => {
  builtOnce()
  store = await forgery()
})
afterAll(() => store.end())

it('a forged store serves no wrong value, touches nothing outside, keeps nobody for ever, and is explained', async () => {
  for (let one = seed; one < seed + 40; one++) {
    const { forged, problems } = await store.play(one)
    expect({ seed: one, forged, problems }).toEqual({ seed: one, forged, problems: [] })
  }
}, 120_000)
