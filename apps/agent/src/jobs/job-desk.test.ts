import type { BatchCommand } from '@skerry/contract/batches/batch-command'
import type { JobMessage } from '@skerry/contract/batches/job'
import { BatchId, DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { growDeviceTree } from '@skerry/core/batches/device-tree'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { digestOf } from '@skerry/platform/files/hash'
import { systemClock } from '@skerry/platform/process/clock'
import { signBatch } from '@skerry/platform/signatures/batch-signature'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { expect, test, vi } from 'vitest'
import { type AgentStore, openAgentStore } from '../store/agent-store.ts'
import { createJobDesk } from './job-desk.ts'
import type { JobKinds } from './job-kinds.ts'

const keys = generateKeyPair()
const deviceId = DeviceId.parse('dev_aaaaaaaa')
const other = DeviceId.parse('dev_bbbbbbbb')
const organisationId = OrganisationId.parse('org_aaaaaaaa')
const START = 1_700_000_000_000
const log = { info() {}, warn() {}, error() {} }

function openStore(): AgentStore {
  const opened = openAgentStore(':memory:', { nowMs: () => START })
  if (!opened.ok) throw new Error(opened.message)
  return opened.store
}

type Signing = { attempt?: number; devices?: DeviceId[]; expiresAtMs?: number; command?: BatchCommand }

/** Signed for these devices, with the proof of the first. */
function jobOf(name: string, { attempt = 1, devices = [deviceId, other], ...more }: Signing = {}): JobMessage {
  const batchId = BatchId.parse(`bat_${name.padEnd(8, 'a')}`)
  const tree = growDeviceTree(devices, digestOf)
  const statement = {
    v: 1 as const,
    organisationId,
    batchId,
    attempt,
    startAtMs: START,
    devicesRoot: tree.root,
    expiresAtMs: START + 60_000,
    command: { kind: 'run-diagnostics' } as BatchCommand,
    ...more,
  }
  const [first = other] = devices
  return { kind: 'do', batchId, attempt, envelope: signBatch(statement, keys), proof: tree.proofOf(first) ?? [] }
}

/** A desk that runs, whose diagnostics wait to be let go. */
function openDesk(store: AgentStore, { bootId = 'boot-one', isRunning = true, nowMs = START, hasHeard = true } = {}) {
  const begun: string[] = []
  let letGo = Promise.withResolvers<string>()
  const row = (kind: string, interrupted: 'again' | 'reboot' | 'lost') => ({
    interrupted,
    run() {
      begun.push(kind)
      return letGo.promise
    },
  })
  const kinds = {
    'run-diagnostics': row('run-diagnostics', 'again'),
    'renew-certificate': row('renew-certificate', 'lost'),
    'reboot-agent': row('reboot-agent', 'reboot'),
  } as unknown as JobKinds
  const hub = { nowMs, hasHeard }
  const hubTime = { nowMs: () => hub.nowMs, heardMs: () => (hub.hasHeard ? hub.nowMs : undefined) }
  const membership = () => ({ deviceId, organisationId, trustedKeys: [keys.publicKeyPem] })
  const deps = { kinds, journal: store.jobs, clock: systemClock, log, bootId, membership, hubTime }
  const desk = createJobDesk(deps)
  const stop = new AbortController()
  if (isRunning) void desk.run(stop.signal).catch(() => undefined)
  const finish = (output: string) => {
    letGo.resolve(output)
    letGo = Promise.withResolvers()
  }
  const results = (count: number) =>
    vi.waitFor(() => {
      expect(desk.unheard()).toHaveLength(count)
      return desk.unheard()
    }, PATIENCE_MS)
  const beganOnce = (count: number) => vi.waitFor(() => expect(begun).toHaveLength(count), PATIENCE_MS)
  return { desk, hub, begun, beganOnce, finish, results, stop: () => stop.abort() }
}

test('a job is done once, whatever comes twice, and its result is kept until the hub has it', async () => {
  const store = openStore()
  const { desk, begun, beganOnce, finish, results, stop } = openDesk(store)
  desk.take(jobOf('one'))
  desk.take(jobOf('one'))
  await beganOnce(1)
  desk.take(jobOf('one'))
  finish('all is well')
  const [result] = await results(1)
  expect(result).toMatchObject({ outcome: 'succeeded', output: 'all is well', attempt: 1 })
  if (result) desk.heard(result)
  expect(desk.unheard()).toEqual([])
  // A hub that was restored from a backup asks again: it is told again, and nothing is done.
  desk.take(jobOf('one'))
  expect(await results(1)).toMatchObject([{ outcome: 'succeeded' }])
  stop()
  expect(begun).toEqual(['run-diagnostics'])
})

test('what is not signed for this device, now, is refused before anything is done', async () => {
  const { desk, begun, results, stop } = openDesk(openStore())
  const forged = jobOf('forged')
  const another = jobOf('another')
  if (forged.kind === 'do' && another.kind === 'do') forged.envelope.signatures = another.envelope.signatures
  desk.take(forged)
  desk.take(jobOf('other', { devices: [other] }))
  desk.take({ ...jobOf('second', { attempt: 2 }), attempt: 3 })
  desk.take(jobOf('late', { expiresAtMs: START - 1 }))
  const codes = (await results(4)).map(({ cause }) => cause?.code)
  expect(codes).toEqual(['job_signature_invalid', 'job_misdirected', 'job_misdirected', 'job_expired'])
  expect(begun).toEqual([])
  stop()
})

test('what has not begun is given up by a cancel, and by the end of the link that said it', async () => {
  const { desk, begun, beganOnce, finish, results, stop } = openDesk(openStore())
  desk.take(jobOf('one'))
  await beganOnce(1)
  desk.take(jobOf('two'))
  desk.take(jobOf('three'))
  const { batchId, attempt } = jobOf('two')
  desk.take({ kind: 'cancel', batchId, attempt })
  desk.linkEnded()
  finish('')
  expect(await results(2)).toMatchObject([{ outcome: 'succeeded' }, { batchId, outcome: 'cancelled' }])
  // Said again by the next link, it begins after all.
  desk.take(jobOf('three'))
  await beganOnce(2)
  expect(begun).toHaveLength(2)
  stop()
})

test('a kill in the middle is told as it is: again, as the reboot that was asked for, or as interrupted', async () => {
  const store = openStore()
  const before = openDesk(store)
  before.desk.take(jobOf('again'))
  await before.beganOnce(1)
  const row = { expiresAtMs: START + 60_000, bootId: 'boot-one', attempt: 1 }
  store.jobs.begin({ ...row, batchId: BatchId.parse('bat_lostaaaa'), kind: 'renew-certificate' })
  store.jobs.begin({ ...row, batchId: BatchId.parse('bat_rebootaa'), kind: 'reboot-agent' })
  const after = openDesk(store, { bootId: 'boot-two' })
  expect(await after.results(2)).toMatchObject([
    { batchId: 'bat_lostaaaa', outcome: 'failed', cause: { code: 'job_interrupted' } },
    { batchId: 'bat_rebootaa', outcome: 'succeeded', output: '{"bootIdBefore":"boot-one","bootId":"boot-two"}' },
  ])
  after.desk.take(jobOf('again'))
  await after.beganOnce(1)
  before.stop()
  after.stop()
})

test('what failed says why, and too much is cut between two characters', async () => {
  const { desk, beganOnce, finish, results, stop } = openDesk(openStore())
  desk.take(jobOf('long'))
  await beganOnce(1)
  finish(`x${'ä'.repeat(40_000)}`)
  const [result] = await results(1)
  expect(Buffer.byteLength(result?.output ?? '')).toBe(65_535)
  desk.take({ ...jobOf('unread'), envelope: 'nothing that anybody reads' })
  expect((await results(2))[1]).toMatchObject({ outcome: 'failed', cause: { code: 'job_unreadable' } })
  stop()
})

test('an entry goes once the hub has it and the batch has expired', () => {
  const { jobs } = openStore()
  const key = { batchId: BatchId.parse('bat_aaaaaaaa'), attempt: 1 }
  jobs.end({ ...key, outcome: 'succeeded' }, START)
  jobs.forgetExpired(START + 1)
  expect(jobs.has(key)).toBe(true)
  jobs.heard(key)
  jobs.forgetExpired(START - 1)
  expect(jobs.has(key)).toBe(true)
  jobs.forgetExpired(START)
  expect(jobs.has(key)).toBe(false)
})

test('what is done is not forgotten by a clock that is ahead, before the hub has said its time', async () => {
  const store = openStore()
  const { batchId, attempt } = jobOf('one')
  store.jobs.end({ batchId, attempt, outcome: 'succeeded' }, START + 60_000)
  store.jobs.heard({ batchId, attempt })
  const { desk, hub, begun, results, stop } = openDesk(store, {
    nowMs: START + 1_000_000_000,
    hasHeard: false,
  })
  Object.assign(hub, { nowMs: START, hasHeard: true })
  desk.take(jobOf('one'))
  expect(await results(1)).toMatchObject([{ batchId, outcome: 'succeeded' }])
  expect(begun).toEqual([])
  stop()
})
