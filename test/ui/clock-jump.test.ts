// The clock of the machine is set back while a page is open and a run is published: neither waits for it to catch up.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { eventWriter } from '../../src/adapters/history/event-writer.js'
import { makeReader } from '../../src/ui/reader/reader.js'
import { emptyFolder, projectFiles, remove, write } from '../cli/fixture.js'

let folder: string
beforeEach(() => {
  folder = emptyFolder()
  write(folder, projectFiles)
})
afterEach(() => {
  vi.useRealTimers()
  remove(folder)
})

const threeHoursBack = (): void => void vi.setSystemTime(Date.now() - 3 * 3_600_000)
const toFake = ['Date', 'performance', 'setInterval', 'clearInterval'] as const

test('what a page has asked for is asked again after a moment', async () => {
  const options = { folder, context: [], set: [], version: '0', actions: false }
  const reader = await makeReader(options, { why: () => [] })
  vi.useFakeTimers({ toFake: [...toFake] })
  let asked = 0
  const ask = (): Promise<number> => reader.remembered('a table', () => Promise.resolve(++asked))
  expect([await ask(), await ask()]).toEqual([1, 1])
  threeHoursBack()
  vi.advanceTimersByTime(60_000)
  expect(await ask()).toBe(2)
})

test('events of a run are published within seconds', () => {
  vi.useFakeTimers({ toFake: [...toFake] })
  const sent: string[] = []
  const live = {
    put: (_: string, __: number, text: string): Promise<void> => Promise.resolve(void sent.push(text)),
    ids: () => Promise.resolve([]),
    idsAfter: () => Promise.resolve([]),
    latest: () => Promise.resolve(''),
    partsAfter: () => Promise.resolve({ part: 0, text: '' }),
    remove: () => Promise.resolve(),
  }
  const writer = eventWriter({ live }, 'a run')
  threeHoursBack()
  writer.listener({ _tag: 'started', node: 'films:all', key: 'a'.repeat(32), attempt: 1, at: Date.now() })
  vi.advanceTimersByTime(10_000)
  writer.end()
  expect(sent).toEqual([expect.stringContaining('films:all')])
})
