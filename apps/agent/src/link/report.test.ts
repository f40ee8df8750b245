import type { RejectedItem } from '@skerry/contract/devices/desired'
import { DeviceReport } from '@skerry/contract/devices/device-report'
import { DeviceId } from '@skerry/contract/values/ids'
import { newItemLife, stepItem } from '@skerry/core/device/item-life'
import { buildDesiredItem, fakeDigest } from '@skerry/testkit/simulation/desired-item'
import { beforeEach, expect, test } from 'vitest'
import type { Loaded } from '../runner/runner-slot.ts'
import { type ReportSources, reportKey, writeReport } from './report.ts'

const one = buildDesiredItem({ version: 1 })
const two = buildDesiredItem({ version: 2 })
const cause = { code: 'golden_mismatch', message: 'other numbers' }
const failed = stepItem(
  stepItem({ ...newItemLife(two, 5), lastGood: one }, { kind: 'fetch-started' }, 6),
  { kind: 'failed', cause },
  7,
)
const stats = { requests: 9, failures: 1, p50Us: 80, p99Us: 200 }

let holds: ReturnType<ReportSources['holds']> = new Map()
beforeEach(() => {
  holds = new Map()
  rejected = []
})

let rejected: RejectedItem[] = []

const sourcesOf = (loaded: Loaded[] | undefined): ReportSources =>
  ({
    store: {
      document: () => ({
        v: 1,
        deviceId: DeviceId.parse('dev_aaaaaaaa'),
        generation: 4,
        digest: fakeDigest(4),
        items: [two],
        rejected,
        sinceMs: 60,
      }),
      lives: () => [failed],
      lastGoodGeneration: () => 3,
    },
    drivers: { model: { loaded: () => loaded } },
    runner: {
      endpoints: () => (loaded ? { rest: { host: '::1', port: 8500 }, grpc: { host: '127.0.0.1', port: 8501 } } : {}),
    },
    holds: () => holds,
    conditions: { list: () => [{ code: 'clock_wrong', message: 'set it' }] },
    clock: { nowMs: () => 1_000 },
    inventory: async () => ({
      hostname: 'h',
      arch: 'x64',
      os: 'linux',
      cpuModel: 'c',
      cpuCount: 1,
      memoryBytes: 1,
      diskFreeBytes: 5,
      capabilities: ['onnx'],
      opsetMax: 20,
    }),
    bootId: 'boot-boot-boot',
  }) as unknown as ReportSources

test('says what it is on its way to, why it failed, and what answers meanwhile', async () => {
  const report = await writeReport(sourcesOf([{ item: one, servingSinceMs: 1, stats }]))
  expect(DeviceReport.parse(report)).toEqual(report)
  expect(report).toMatchObject({
    observedGeneration: 4,
    observedDigest: fakeDigest(4),
    lastGoodGeneration: 3,
    endpoints: { rest: 'http://[::1]:8500', grpc: '127.0.0.1:8501' },
  })
  expect(report.items).toEqual([
    {
      kind: 'model',
      name: 'm',
      deploymentId: 'dep_aaaaaaaa',
      target: { revision: two.revision, version: 2, digest: two.digest, retryToken: 0 },
      state: 'failed',
      cause,
      sinceMs: 7,
      serving: { version: 1, digest: one.digest },
      stats,
    },
  ])
})

test('a rejected item is reported as failed, beside the version that goes on under its name', async () => {
  const { kind, name, deploymentId, revision, digest, retryToken } = two
  const head = { kind, name, deploymentId, revision, version: 3, digest, retryToken }
  const why = { code: 'item_unreadable' as const, message: 'this agent does not know locks; update the agent' }
  rejected = [{ name, head, cause: why }, { cause: why }]
  const { items } = await writeReport(sourcesOf([{ item: one, servingSinceMs: 1, stats }]))
  expect(items).toEqual([
    {
      kind,
      name,
      deploymentId,
      state: 'failed',
      cause: why,
      sinceMs: 60,
      stats,
      target: { revision, version: 3, digest, retryToken },
      serving: { version: 1, digest: one.digest },
    },
  ])
})

test.each([
  ['the runner is down', undefined],
  ['it is loaded but answers nobody', [{ item: one, stats }]],
  ['its worker has broken', [{ item: one, servingSinceMs: 1, stats, problem: 'crashed' }]],
])('says that nothing answers when %s', async (_, loaded) => {
  const { items } = await writeReport(sourcesOf(loaded))
  expect(items[0]?.serving).toBeUndefined()
})

test('what differs from moment to moment is no change', async () => {
  const report = await writeReport(sourcesOf([{ item: one, servingSinceMs: 1, stats }]))
  const later = {
    ...report,
    atMs: 2_000,
    inventory: { ...report.inventory, diskFreeBytes: 4 },
    items: report.items.map((item) => ({ ...item, stats: { requests: 10, failures: 1 } })),
  }
  expect(reportKey(later)).toBe(reportKey(report))
  expect(reportKey({ ...report, conditions: [] })).not.toBe(reportKey(report))
  expect(reportKey({ ...report, items: [] })).not.toBe(reportKey(report))
})

test('says what holds an item up, and when its window opens', async () => {
  const hold = (code: string) => ({ cause: { code, message: 'not now' }, untilMs: 70_000 })
  holds = new Map([['m', hold('window_waits')]])
  const report = await writeReport(sourcesOf([]))
  expect(DeviceReport.parse(report).items[0]).toMatchObject({ cause: { code: 'window_waits' }, opensAtMs: 70_000 })
  holds = new Map([['m', hold('update_locked')]])
  const [item] = (await writeReport(sourcesOf([]))).items
  expect(item?.cause?.code).toBe('update_locked')
  expect(item).not.toHaveProperty('opensAtMs')
})
