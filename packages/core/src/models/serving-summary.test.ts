import { ServingDevice } from '@skerry/contract/models/model'
import { expect, test } from 'vitest'
import { summariseServing } from './serving-summary.ts'

const device = (name: string, site: string, more: object = {}) =>
  ServingDevice.parse({
    id: `dev_aaaaaaa${'abcdefg'[Number(name.at(-1))]}`,
    name,
    site,
    liveness: 'online',
    state: 'active',
    sinceMs: 1,
    ...more,
  })
const stats = (requests: number, failures: number, p50Us: number, p99Us: number) => ({
  stats: { requests, failures, p50Us, p99Us },
})

test('devices are counted by site, and their requests, errors and latencies are combined', () => {
  const summary = summariseServing([
    device('press-1', 'oslo', stats(10, 1, 3_000, 9_000)),
    device('press-2', 'oslo', { ...stats(20, 0, 1_000, 12_000), liveness: 'stale' }),
    device('press-3', 'bergen', stats(5, 0, 2_000, 4_000)),
    device('press-4', 'oslo'),
  ])
  expect(summary).toEqual({
    devices: 4,
    online: 3,
    sites: [
      { site: 'oslo', devices: 3 },
      { site: 'bergen', devices: 1 },
    ],
    requests: 35,
    failures: 1,
    p50Us: 2_000,
    p99Us: 12_000,
  })
})

test('a latency that no device reports stays unknown', () => {
  expect(summariseServing([device('press-1', 'oslo')])).toEqual({
    devices: 1,
    online: 1,
    sites: [{ site: 'oslo', devices: 1 }],
    requests: 0,
    failures: 0,
  })
  expect(summariseServing([])).toMatchObject({ devices: 0, sites: [] })
})
