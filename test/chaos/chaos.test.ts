import { beforeAll, expect, it } from 'vitest'
import { builtOnce } from '../build-once.js'
import { killing } from './kills.js'
import { killedRun } from './queue.js'
import { scenarios } from './trouble.js'

/**
 * The short form, for every change; the long one is `npm run chaos -- --kills 500`, its figures are in
 * docs/promises.md.
 */

beforeAll(builtOnce)

it('processes killed at random moments leave nothing but whole artifacts, and the next run gives what an undisturbed one gives', async () => {
  expect(await killing({ kills: 6, seed: 2026 })).toMatchObject({ kills: 6, problems: [] })
}, 600_000) // a kill takes as long as the machine is busy

it('a run over a queue that is killed four times computes nothing twice', async () => {
  expect(await killedRun.play({ seed: 2026, weight: 1 })).toMatchObject({ problems: [] })
}, 600_000)

it.each(
  scenarios.filter(
    ({ name }) => name === 'a disk that is full now and then' || name === 'a disk that is full' || name === 'Ctrl-C',
  ),
)('$name: told, survived, nothing lost', async ({ play }) => {
  expect((await play({ seed: 2026, weight: 0.5 })).problems).toEqual([])
})
