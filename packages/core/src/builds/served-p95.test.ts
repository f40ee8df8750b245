import { expect, test } from 'vitest'
import { servedP95Us } from './served-p95.ts'

const stats = { requests: 100, failures: 0, p50Us: 8_000, p95Us: 11_000, p99Us: 20_000 }

test('a p95 counts after a hundred requests', () => {
  expect(servedP95Us(stats)).toBe(11_000)
  expect(servedP95Us({ ...stats, requests: 99 })).toBeUndefined()
  expect(servedP95Us(undefined)).toBeUndefined()
})

test('an older agent reports no p95, and its p95 is not below its median', () => {
  expect(servedP95Us({ requests: 100, failures: 0, p50Us: 8_000, p99Us: 20_000 })).toBe(8_000)
  expect(servedP95Us({ requests: 100, failures: 0 })).toBeUndefined()
})
