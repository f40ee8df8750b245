import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createReorderBuffer, newSample } from './reorder-buffer.ts'

type Item = { timeMs: number; input: number }

/** A list that is sorted after each sample; sorting keeps the order of samples of the same time. */
const put = (list: readonly Item[], item: Item) => [...list, item].sort((a, b) => a.timeMs - b.timeMs)

test('samples leave in time order, and samples of the same time in arrival order', () => {
  const times = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 40 })
  fc.assert(
    fc.property(fc.array(fc.tuple(times, fc.nat({ max: 40 }))), (rounds) => {
      const buffer = createReorderBuffer()
      const into = newSample()
      let [list, input]: [Item[], number] = [[], 0]
      for (const [added, taken] of rounds) {
        for (const timeMs of added) {
          input += 1
          buffer.push({ ...newSample(), timeMs, input })
          list = put(list, { timeMs, input })
        }
        for (const expected of list.splice(0, taken)) {
          expect([buffer.firstTimeMs(), buffer.firstInput()]).toEqual([expected.timeMs, expected.input])
          buffer.shift(into)
          expect(into).toMatchObject(expected)
        }
      }
      expect(buffer.size).toBe(list.length)
      expect(buffer.firstTimeMs()).toBe(list[0]?.timeMs ?? Number.POSITIVE_INFINITY)
    }),
  )
})

test('the buffer reuses passed slots, for any waiting time', () => {
  const buffer = createReorderBuffer()
  const into = newSample()
  buffer.push({ ...newSample(), timeMs: 0 })
  for (let timeMs = 1; timeMs < 10_000; timeMs++) {
    buffer.push({ ...newSample(), timeMs })
    buffer.shift(into)
    expect(into.timeMs).toBe(timeMs - 1)
  }
  expect(buffer.size).toBe(1)
})
