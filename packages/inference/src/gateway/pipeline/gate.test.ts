import { expect, test } from 'vitest'
import { createGate } from './gate.ts'

const never = new AbortController().signal

test('a gate admits its limit, and then in the order of arrival', async () => {
  const gate = createGate(() => 2)
  expect([gate.tryEnter(), gate.tryEnter(), gate.tryEnter()]).toEqual([true, true, false])
  const order: string[] = []
  const waits = ['a', 'b'].map(async (name) => (await gate.enter(never)) && order.push(name))
  expect(gate.counts()).toEqual({ inside: 2, waiting: 2 })
  gate.leave()
  await waits[0]
  expect(gate.tryEnter()).toBe(false)
  gate.leave()
  await Promise.all(waits)
  expect([order, gate.counts()]).toEqual([['a', 'b'], { inside: 2, waiting: 0 }])
})

test('a wait that is given up takes no place', async () => {
  const gate = createGate(() => 1)
  gate.tryEnter()
  const given = new AbortController()
  const wait = gate.enter(given.signal)
  given.abort()
  expect(await wait).toBe(false)
  gate.leave()
  expect([gate.counts(), gate.tryEnter()]).toEqual([{ inside: 0, waiting: 0 }, true])
  expect(await gate.enter(given.signal)).toBe(false)
})

test('a limit that has grown admits those that wait before those that come', async () => {
  let limit = 1
  const gate = createGate(() => limit)
  gate.tryEnter()
  const wait = gate.enter(never)
  limit = 2
  expect(gate.tryEnter()).toBe(false)
  expect(await wait).toBe(true)
})
