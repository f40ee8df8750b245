import { expect, test } from 'vitest'
import { freshLines, NOTHING_SHOWN } from './fresh-lines.ts'

const line = (atMs: number, text: string) => ({ atMs, service: 'web', stream: 'out' as const, text })
const textsOf = (lines: readonly { text: string }[]) => lines.map(({ text }) => text)

test('each line is fresh once, also those of the newest instant', () => {
  const first = freshLines(NOTHING_SHOWN, [line(1, 'a'), line(2, 'b')])
  expect(textsOf(first.fresh)).toEqual(['a', 'b'])
  expect(first.next.newestMs).toBe(2)
  const second = freshLines(first.next, [line(2, 'b'), line(2, 'c'), line(3, 'd')])
  expect(textsOf(second.fresh)).toEqual(['c', 'd'])
  const none = freshLines(second.next, [line(3, 'd')])
  expect(none.fresh).toEqual([])
  expect(textsOf(freshLines(none.next, [line(3, 'd'), line(3, 'e')]).fresh)).toEqual(['e'])
})

test('an empty answer keeps the place', () => {
  const { next } = freshLines(freshLines(NOTHING_SHOWN, [line(5, 'a')]).next, [])
  expect(next.newestMs).toBe(5)
})
