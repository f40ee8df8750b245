import { constants, PerformanceObserver } from 'node:perf_hooks'
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import { countRelayed } from './young-memory.ts'

test('relayed bytes are collected while they are young, and without a look at the whole heap', async () => {
  const kinds: number[] = []
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind, flags } = (entry as unknown as { detail: { kind: number; flags: number } }).detail
      if (flags === constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) kinds.push(kind)
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  for (let count = 0; count < 64; count += 1) countRelayed(1024 * 1024)
  await until(() => kinds.length >= 8)
  observer.disconnect()
  expect(new Set(kinds)).toEqual(new Set([constants.NODE_PERFORMANCE_GC_MINOR]))
  expect('gc' in globalThis).toBe(false)
})
