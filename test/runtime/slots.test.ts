import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeSlots } from '../../src/runtime/session/slots.js'

test('lets in as many as there is room for, then by priority, then in order of arrival', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 30 }),
      fc.integer({ min: 1, max: 4 }),
      async (priorities, size) => {
        const slots = makeSlots(size)
        for (let held = 0; held < size; held++) await slots.enter(0)
        const entered: { priority: number; arrival: number }[] = []
        const waits = priorities.map((priority, arrival) =>
          (slots.enter(priority) ?? Promise.resolve()).then(() => entered.push({ priority, arrival })),
        )
        expect(entered).toEqual([])
        for (const _ of priorities) {
          slots.leave()
          await Promise.resolve()
        }
        await Promise.all(waits)
        expect(entered).toEqual(
          [...entered].sort((left, right) => right.priority - left.priority || left.arrival - right.arrival),
        )
      },
    ),
  )
})
