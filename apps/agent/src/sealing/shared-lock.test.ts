import { expect, test } from 'vitest'
import { createSharedLock } from './shared-lock.ts'

test('shared work runs side by side; exclusive work waits for it, runs alone, and delays later work', async () => {
  const lock = createSharedLock()
  const events: string[] = []
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const work = (name: string, gate: number) => async () => {
    events.push(`${name} begins`)
    await gates[gate]?.promise
    events.push(`${name} ends`)
    return name
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  const looks = [lock.shared(work('a', 0)), lock.shared(work('b', 0))]
  const change = lock.alone(work('c', 1))
  const late = lock.shared(work('d', 2))
  await settle()
  expect(events).toEqual(['a begins', 'b begins'])
  gates[0]?.resolve()
  await settle()
  expect(events.slice(2)).toEqual(['a ends', 'b ends', 'c begins'])
  gates[1]?.resolve()
  await settle()
  expect(events.slice(5)).toEqual(['c ends', 'd begins'])
  gates[2]?.resolve()
  expect(await Promise.all([...looks, change, late])).toEqual(['a', 'b', 'c', 'd'])
})

test('a failure reaches its caller, and does not block the lock', async () => {
  const lock = createSharedLock()
  const fail = async () => {
    throw new Error('no')
  }
  await expect(lock.alone(fail)).rejects.toThrow('no')
  await expect(lock.shared(fail)).rejects.toThrow('no')
  expect(await lock.alone(async () => 1)).toBe(1)
})
