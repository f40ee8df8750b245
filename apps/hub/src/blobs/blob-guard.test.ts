import { Digest } from '@skerry/contract/values/digest'
import { expect, test } from 'vitest'
import { createBlobGuard } from './blob-guard.ts'

const digest = Digest.parse(`sha256:${'a'.repeat(64)}`)

test('work on one blob is done one after another, also after work that failed', async () => {
  const guard = createBlobGuard()
  const steps: string[] = []
  const work = (name: string) =>
    guard.exclusive(digest, async () => {
      steps.push(`${name} begins`)
      await Promise.resolve()
      steps.push(`${name} ends`)
      if (name === 'b') throw new Error('b fails')
      return name
    })
  const results = await Promise.allSettled([work('a'), work('b'), work('c')])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(steps).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
})

test('a blob is pinned until the last who pinned it lets go', () => {
  const guard = createBlobGuard()
  const first = guard.pin([digest])
  const second = guard.pin([digest])
  first[Symbol.dispose]()
  first[Symbol.dispose]()
  expect(guard.isPinned(digest)).toBe(true)
  second[Symbol.dispose]()
  expect(guard.isPinned(digest)).toBe(false)
})

test('work on another blob does not wait', async () => {
  const guard = createBlobGuard()
  const other = Digest.parse(`sha256:${'b'.repeat(64)}`)
  const gate = Promise.withResolvers<void>()
  const held = guard.exclusive(digest, () => gate.promise)
  await guard.exclusive(other, async () => undefined)
  gate.resolve()
  await held
})
