/** Fake batches: one that goes on, one that ended with failures, one that was cancelled; and what became of the devices of the second. */
import type { Batch, BatchDetail, BatchDevice, JobCounts } from '@skerry/contract/batches/batch'
import { BatchId, DeviceId } from '@skerry/contract/values/ids'
import { NOW_MS, OWNER } from './fake-data.ts'
import { type Implementer, refusal } from './fake-state.ts'

const NONE: JobCounts = { waiting: 0, told: 0, succeeded: 0, failed: 0, 'timed-out': 0, expired: 0, cancelled: 0 }
const DAY_MS = 86_400_000

const handAt = (atMs: number) => ({ kind: 'key' as const, id: OWNER.id, personId: OWNER.id, name: OWNER.name, atMs })

const MADE_AT_MS = NOW_MS - 3_600_000

const RUNNING: Batch = {
  id: BatchId.parse('bat_abcdefgh234567'),
  command: { kind: 'collect-logs', level: 'warn', limit: 500 },
  selector: 'site.name == "rotterdam"',
  reason: 'press 4 stops',
  status: 'running',
  devices: 1_204,
  counts: { ...NONE, waiting: 1_000, told: 4, succeeded: 200 },
  attempt: 1,
  rate: { perMinute: 100 },
  startAtMs: MADE_AT_MS + 120_000,
  expiresAtMs: MADE_AT_MS + DAY_MS,
  timeoutSeconds: 900,
  created: handAt(MADE_AT_MS),
  signed: handAt(MADE_AT_MS + 60_000),
  sent: handAt(MADE_AT_MS + 120_000),
}

const ENDED: Batch = {
  ...RUNNING,
  id: BatchId.parse('bat_bcdefghi234567'),
  command: { kind: 'set-configuration', configuration: { logLevel: 'debug', reportIntervalMinSeconds: null } },
  status: 'ended',
  devices: 4,
  counts: { ...NONE, succeeded: 1, failed: 1, 'timed-out': 1, expired: 1 },
  attempt: 2,
  endedAtMs: NOW_MS - 61_000,
}

const CANCELLED: Batch = {
  ...RUNNING,
  id: BatchId.parse('bat_cdefghij234567'),
  command: { kind: 'relabel', set: { line: '4' }, remove: ['old'] },
  status: 'cancelled',
  devices: 2,
  counts: { ...NONE, cancelled: 2 },
  cancelled: handAt(NOW_MS - 61_000),
  endedAtMs: NOW_MS - 61_000,
}

const BATCHES = [RUNNING, ENDED, CANCELLED]

const PROBLEMS = [
  { code: 'batch_expired', count: 1 },
  { code: 'job_failed', count: 1 },
  { code: 'job_timeout', count: 1 },
]

const deviceAt = (index: number, rest: Omit<BatchDevice, 'id' | 'device' | 'site' | 'attempt'>): BatchDevice => ({
  id: DeviceId.parse(`dev_aaaaaaa${index}`),
  device: `gateway-${index}`,
  site: 'rotterdam',
  attempt: 2,
  ...rest,
})

const told = { toldAtMs: NOW_MS - 1_000_000, decidedAtMs: NOW_MS - 61_000 }

const DEVICES: BatchDevice[] = [
  deviceAt(2, { ...told, outcome: 'succeeded', durationMs: 12, outputBytes: 20 }),
  deviceAt(3, { ...told, outcome: 'failed', durationMs: 65_000, code: 'job_failed', message: 'the disk is full' }),
  deviceAt(4, { ...told, outcome: 'timed-out', code: 'job_timeout', message: 'it has not answered in time' }),
  deviceAt(5, { outcome: 'expired', code: 'batch_expired', message: 'it was not heard before the batch expired' }),
]

const detailOf = (batch: Batch): BatchDetail => ({ ...batch, problems: batch === ENDED ? PROBLEMS : [] })

/** The procedures that read. */
export function batchRouter(os: Implementer) {
  const find = (id: BatchId) => {
    const found = BATCHES.find((batch) => batch.id === id)
    if (!found) throw refusal('batch_unknown')
    return found
  }
  return {
    plan: os.batch.plan.handler(() => ({
      count: 1_204,
      online: 1_200,
      devices: DEVICES.map(({ id, device, site }, index) => ({ id, name: device, site, online: index > 0 })),
    })),
    list: os.batch.list.handler(({ input: { status } }) => ({
      rows: BATCHES.filter((batch) => status === undefined || batch.status === status),
      next: undefined,
    })),
    get: os.batch.get.handler(({ input }) => detailOf(find(input.batch))),
    devices: os.batch.devices.handler(({ input: { batch, outcome } }) => {
      find(batch)
      return { rows: DEVICES.filter((device) => outcome === undefined || device.outcome === outcome), next: undefined }
    }),
  }
}
