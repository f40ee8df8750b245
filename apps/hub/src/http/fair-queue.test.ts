import { expect, test } from 'vitest'
import { createFairQueue } from './fair-queue.ts'

test('groups have their turn one after the other, however much one of them adds', () => {
  const queue = createFairQueue<string>()
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) queue.add(item.charAt(0), item)
  const served = Array.from({ length: 7 }, () => queue.take(() => true))
  expect(served).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3', undefined])
})

test('a group that may not run keeps its place', () => {
  const queue = createFairQueue<string>()
  for (const item of ['a1', 'a2', 'b1']) queue.add(item.charAt(0), item)
  expect(queue.take((group) => group !== 'a')).toBe('b1')
  expect(queue.take((group) => group !== 'a')).toBeUndefined()
  expect(queue.clear()).toEqual(['a1', 'a2'])
})
