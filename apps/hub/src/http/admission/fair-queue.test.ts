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

test('what is taken out is not served, and its group keeps its place', () => {
  const queue = createFairQueue<string>()
  for (const item of ['a1', 'a2', 'b1', 'c1']) queue.add(item.charAt(0), item)
  for (const item of ['a1', 'b1', 'd1']) queue.remove(item.charAt(0), item)
  expect([queue.waiting('a'), queue.waiting('b')]).toEqual([1, 0])
  expect(Array.from({ length: 3 }, () => queue.take(() => true))).toEqual(['a2', 'c1', undefined])
})
