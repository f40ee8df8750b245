import { expect, test } from 'vitest'
import { createFairQueue } from './fair-queue.ts'

const never = new AbortController().signal

test('callers take turns, whatever the number of their requests', async () => {
  const queue = createFairQueue(100, 1)
  const order: string[] = []
  const run = async (caller: string) => {
    const turn = await queue.enter(caller, never)
    if (typeof turn === 'string') throw new Error(turn)
    order.push(caller)
    await Promise.resolve()
    turn[Symbol.dispose]()
  }
  await Promise.all(['a', 'a', 'a', 'a', 'b', 'b', 'c'].map(run))
  expect(order).toEqual(['a', 'a', 'b', 'c', 'a', 'b', 'a'])
  expect(queue.waiting).toBe(0)
})

test('a full queue rejects, and a caller that leaves gives its place back', async () => {
  const queue = createFairQueue(1, 1)
  const turn = await queue.enter('a', never)
  const leaving = new AbortController()
  const waits = queue.enter('b', leaving.signal)
  expect(await queue.enter('c', never)).toBe('full')
  leaving.abort()
  expect(await waits).toBe('gone')
  const second = queue.enter('c', never)
  if (typeof turn !== 'string') turn[Symbol.dispose]()
  expect(typeof (await second)).toBe('object')
})

test('as many requests run at a time as the queue has turns, and callers still take turns', async () => {
  const queue = createFairQueue(100, 2)
  let running = 0
  let runningMax = 0
  const order: string[] = []
  const run = async (caller: string) => {
    const turn = await queue.enter(caller, never)
    if (typeof turn === 'string') throw new Error(turn)
    running += 1
    runningMax = Math.max(runningMax, running)
    order.push(caller)
    await Promise.resolve()
    running -= 1
    turn[Symbol.dispose]()
  }
  await Promise.all(['a', 'a', 'a', 'a', 'a', 'b', 'c'].map(run))
  expect(runningMax).toBe(2)
  expect(order).toEqual(['a', 'a', 'a', 'b', 'c', 'a', 'a'])
  expect(queue.waiting).toBe(0)
})
