import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { untilLost } from './until-lost.ts'

const gone = new Error('gone')

test('gives what the work gives, also where it fails', async () => {
  const { promise: lost } = Promise.withResolvers<never>()
  expect(await untilLost(Promise.resolve(1), lost)).toBe(1)
  await expect(untilLost(Promise.reject(new Error('its own')), lost)).rejects.toThrow('its own')
})

test('rejects all that wait when it is lost, and whoever comes later', async () => {
  const { promise: lost, reject } = Promise.withResolvers<never>()
  const never = new Promise<void>(() => undefined)
  const waiting = [untilLost(never, lost), untilLost(never, lost)]
  reject(gone)
  for (const one of waiting) await expect(one).rejects.toBe(gone)
  await expect(untilLost(never, lost)).rejects.toBe(gone)
})

test('what was waited for is forgotten while nothing is lost: a connection of many days does not fill the memory', async () => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const { promise: lost } = Promise.withResolvers<never>()
  const results = await Promise.all(
    Array.from({ length: 100 }, async () => new WeakRef(await untilLost(Promise.resolve({ bytes: 1 }), lost))),
  )
  // A weak reference is kept until the turn of the loop that made it is over.
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  expect(results.filter((result) => result.deref()).length).toBeLessThan(5)
  await expect(untilLost(Promise.reject(gone), lost)).rejects.toBe(gone)
})
