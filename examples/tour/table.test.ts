import { expect, test } from 'vitest'
import { newFeeder } from './feeder.ts'
import { tableLines } from './table.ts'

const place = { site: { name: 'lyon', kind: 'edge', country: 'FR' }, device: 'lyon-gateway', motes: [] } as const

test('a place without scores shows dashes instead of zeros', () => {
  const [, row] = tableLines([newFeeder(place)])
  expect(row).toMatch(/lyon +FR +edge +- +0 +0 +-$/)
})

test('shows the version of the newest answer, the counts, and the median latency', () => {
  const feeder = { ...newFeeder(place), version: 2, readings: 1_234, alarms: 5, latenciesMs: [9, 1.25, 3] }
  const [head, row] = tableLines([feeder])
  expect(row).toMatch(/v2 +1,234 +5 +3\.0 ms$/)
  expect(row?.length).toBe(head?.length)
})
