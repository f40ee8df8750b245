import { expect, test } from 'vitest'
import { createWorkQueue, type WorkLimits } from './work-queue.ts'

/** A queue whose tasks end when the test ends them; `started` has their names in the order of their starts. */
function observed(limits: Partial<WorkLimits> = {}) {
  const queue = createWorkQueue({ workers: 2, waitingMax: 8, waitingEachMax: 3, ...limits })
  const started: string[] = []
  const ends = new Map<string, PromiseWithResolvers<string>>()
  const add = (owner: string, name: string, signal = new AbortController().signal) => {
    const ending = Promise.withResolvers<string>()
    ends.set(name, ending)
    const work = () => {
      started.push(name)
      return ending.promise
    }
    return queue.run(owner, work, signal)
  }
  const settle = async () => void (await new Promise((resolve) => setImmediate(resolve)))
  const end = (name: string) => {
    ends.get(name)?.resolve(name)
    return settle()
  }
  return { queue, started, add, end, settle, fail: (name: string, why: Error) => ends.get(name)?.reject(why) }
}

test('an owner cannot take all places, and the next owner starts at once', async () => {
  const { add, started, settle, end } = observed()
  for (const name of ['a1', 'a2', 'a3']) add('a', name)
  await settle()
  expect(started).toEqual(['a1'])
  add('b', 'b1')
  await settle()
  expect(started).toEqual(['a1', 'b1'])
  await end('a1')
  expect(started).toEqual(['a1', 'b1', 'a2'])
})

test('owners take turns, however many tasks of the first one wait', async () => {
  const { add, started, settle, end } = observed({ workers: 1 })
  for (const name of ['a1', 'a2', 'a3']) add('a', name)
  for (const name of ['b1', 'b2']) add('b', name)
  add('c', 'c1')
  await settle()
  for (const name of ['a1', 'b1', 'c1', 'a2', 'b2', 'a3']) {
    expect(started.at(-1)).toBe(name)
    await end(name)
  }
})

test('a task returns its result or its failure, and both free its place', async () => {
  const { add, fail, end, queue } = observed({ workers: 1 })
  const good = add('a', 'good')
  const bad = add('a', 'bad')
  const failed = bad.ok ? bad.value.catch((error: Error) => error.message) : undefined
  await end('good')
  expect(good.ok && (await good.value)).toBe('good')
  fail('bad', new Error('broken'))
  expect(await failed).toBe('broken')
  expect(queue.load()).toEqual({ open: 0, max: 9 })
})

test('one owner has a limited number of waiting tasks, and the last half is for owners without any', async () => {
  const { add, settle, queue } = observed({ workers: 1 })
  add('a', 'a0')
  await settle()
  for (const name of ['a1', 'a2', 'a3']) expect(add('a', name).ok).toBe(true)
  expect(add('a', 'a4')).toEqual({ ok: false, full: 'share' })
  expect(add('b', 'b1').ok).toBe(true)
  expect(add('b', 'b2')).toEqual({ ok: false, full: 'queue' })
  for (const owner of ['c', 'd', 'e', 'f']) expect(add(owner, owner).ok).toBe(true)
  expect(add('g', 'g')).toEqual({ ok: false, full: 'queue' })
  expect(queue.load()).toEqual({ open: 9, max: 9 })
})

test('a waiting task whose caller has gone leaves the queue at once, and a running task keeps its place', async () => {
  const { add, started, settle, end, queue } = observed({ workers: 1 })
  const caller = new AbortController()
  const running = add('a', 'a1', caller.signal)
  const left = add('a', 'a2', caller.signal)
  add('b', 'b1')
  await settle()
  caller.abort(new Error('gone'))
  await expect(left.ok && left.value).rejects.toThrow('gone')
  expect(queue.load().open).toBe(2)
  await end('a1')
  expect(running.ok && (await running.value)).toBe('a1')
  expect(started).toEqual(['a1', 'b1'])
  const late = add('a', 'a3', caller.signal)
  await expect(late.ok && late.value).rejects.toThrow('gone')
})
