/** Batches over the link: who is told what, when, and how often; with devices that answer as they are told. */
import { jobProblem } from '@skerry/core/batches/job-acceptance'
import { digestOf } from '@skerry/platform/files/hash'
import { systemClock } from '@skerry/platform/process/clock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sweepBatches } from '../../src/batches/batch-sweep.ts'
import { ask, batchOnce, followJobs, sent, show, signedIn } from '../stage/batch-device.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, type TestDevice } from '../stage/test-device.ts'

let hub: TestHub
let [one, two]: TestDevice[] = []
/** Moved on where a test would have to wait. */
let skippedMs = 0
const nowMs = () => Date.now() + skippedMs

beforeAll(async () => {
  hub = await startTestHub({ clock: { ...systemClock, nowMs } })
  one = await joinDevice(hub, { name: 'one' })
  two = await joinDevice(hub, { name: 'two' })
})
afterAll(() => hub[Symbol.asyncDispose]())

const devices = (): [TestDevice, TestDevice] => {
  if (!one || !two) throw new Error('no devices')
  return [one, two]
}
const diagnostics = { command: { kind: 'run-diagnostics' }, selector: 'true' }

test('each device is told what was signed for it, and its answer counts once', async () => {
  const [first, second] = devices()
  using a = await followJobs(hub, first)
  using b = await followJobs(hub, second)
  const draft = await ask(hub, '', diagnostics)
  expect(draft).toMatchObject({ status: 'draft', devices: 2, counts: { waiting: 2 } })
  expect(await ask(hub, `/${draft.id}/send`)).toMatchObject({ code: 'batch_event_refused' })
  expect(await ask(hub, `/${draft.id}/sign`)).toMatchObject({ status: 'signed', signed: { name: 'owner' } })
  expect(await ask(hub, `/${draft.id}/send`)).toMatchObject({ status: 'running' })
  const [toA, toB] = await Promise.all([a.next(), b.next()])
  const { statement, proof } = signedIn(hub, toA)
  const facts = { deviceId: first.id, organisationId: undefined, nowMs: nowMs(), hash: digestOf }
  expect(jobProblem(statement, { key: toA, proof }, facts)).toBeUndefined()
  expect(jobProblem(statement, { key: toA, proof }, { ...facts, deviceId: second.id })?.code).toBe('job_misdirected')
  const cause = { code: 'disk_failed', message: 'the disk does not answer' }
  expect(await a.done(toA, { output: '{"ok":true}', durationMs: 12 })).toBe(true)
  expect(await a.done(toA, { outcome: 'failed', cause })).toBe(false)
  expect(await b.done(toB, { outcome: 'failed', cause })).toBe(true)
  const ended = await batchOnce(hub, draft.id, ({ status }) => status === 'ended')
  expect(ended).toMatchObject({
    counts: { succeeded: 1, failed: 1, told: 0 },
    problems: [{ code: 'disk_failed', count: 1 }],
  })
  const path = `/v1/batches/${draft.id}/devices`
  const failed = await hub.ask<{ rows: unknown[] }>('GET', `${path}?outcome=failed`)
  expect(failed.body.rows).toMatchObject([{ device: 'two', ...cause, attempt: 1 }])
  expect((await hub.ask('GET', `${path}/one`)).body).toMatchObject({ output: '{"ok":true}', durationMs: 12 })
  const trail = await hub.ask<{ rows: { action: string }[] }>('GET', `/v1/audit?object=${draft.id}`)
  const actions = trail.body.rows.map(({ action }) => action)
  expect(actions).toEqual(['batch.create', 'batch.send', 'batch.sign', 'batch.send', 'batch.ended', 'batch.output'])
})

test('a device that was away is told when it comes back, and told again until it has answered', async () => {
  const [first, second] = devices()
  using a = await followJobs(hub, first)
  const { id } = await sent(hub, { ...diagnostics, timeoutSeconds: 86_400 })
  await a.done(await a.next())
  await batchOnce(hub, id, ({ counts }) => counts.succeeded === 1 && counts.waiting === 1)
  {
    using b = await followJobs(hub, second)
    expect(await b.next()).toMatchObject({ kind: 'do', batchId: id })
  }
  using b = await followJobs(hub, second)
  const again = await b.next()
  expect(again).toMatchObject({ kind: 'do', batchId: id, attempt: 1 })
  await b.done(again)
  await batchOnce(hub, id, ({ status }) => status === 'ended')
})

test('a quarantined device is told nothing, in a batch that picked it before too, until it is released', async () => {
  const [first, second] = devices()
  using a = await followJobs(hub, first)
  using b = await followJobs(hub, second)
  const batch = await sent(hub, { ...diagnostics, startAtMs: nowMs() + 60_000 })
  const change = (verb: string) => hub.ask('POST', `/v1/devices/${second.name}/${verb}`, { body: { reason: 'looks' } })
  await change('quarantine')
  expect((await ask(hub, '', diagnostics)).devices).toBe(1)
  skippedMs += 60_000
  await a.done(await a.next())
  await batchOnce(hub, batch.id, ({ counts }) => counts.succeeded === 1 && counts.waiting === 1)
  await change('release')
  await b.done(await b.next())
  await batchOnce(hub, batch.id, ({ status }) => status === 'ended')
})

test('after a cancel nobody else is told, and those that were are told to leave it', async () => {
  const [first, second] = devices()
  using a = await followJobs(hub, first)
  const { id } = await sent(hub, diagnostics)
  const told = await a.next()
  const cancelled = await ask(hub, `/${id}/cancel`, { reason: 'the wrong plant' })
  expect(cancelled).toMatchObject({ status: 'cancelling', counts: { cancelled: 1, told: 1 } })
  expect(await a.next()).toEqual({ kind: 'cancel', batchId: id, attempt: 1 })
  using b = await followJobs(hub, second)
  expect(await a.done(told, { outcome: 'cancelled' })).toBe(true)
  await batchOnce(hub, id, ({ status, counts }) => status === 'cancelled' && counts.cancelled === 2)
  expect(b.heard).toEqual([])
})

test('what runs out is asked again by a retry, signed anew, and nobody else is', async () => {
  const [first, second] = devices()
  using a = await followJobs(hub, first)
  const { id } = await sent(hub, { ...diagnostics, timeoutSeconds: 10, expiresInSeconds: 60 })
  const late = await a.next()
  skippedMs += 61_000
  const ended = await batchOnce(hub, id, ({ status }) => status === 'ended')
  expect(ended.counts).toMatchObject({ 'timed-out': 1, expired: 1 })
  expect(await a.next()).toMatchObject({ kind: 'cancel' })
  // The device knows best: what it did counts, however late.
  expect(await a.done(late)).toBe(true)
  using b = await followJobs(hub, second)
  expect(await ask(hub, `/${id}/retry`)).toMatchObject({ status: 'running', attempt: 2, counts: { succeeded: 1 } })
  const retried = await b.next()
  const { statement, proof } = signedIn(hub, retried)
  expect(statement).toMatchObject({ batchId: id, attempt: 2 })
  const facts = { organisationId: undefined, nowMs: nowMs(), hash: digestOf }
  expect(jobProblem(statement, { key: retried, proof }, { ...facts, deviceId: second.id })).toBeUndefined()
  expect(jobProblem(statement, { key: retried, proof }, { ...facts, deviceId: first.id })?.code).toBe('job_misdirected')
  await b.done(retried)
  await batchOnce(hub, id, ({ status, counts }) => status === 'ended' && counts.succeeded === 2)
  expect(await ask(hub, `/${id}/retry`)).toMatchObject({ code: 'batch_empty' })
})

test('nobody is told before the start, or faster than the rate', async () => {
  const [first, second] = devices()
  using a = await followJobs(hub, first)
  using b = await followJobs(hub, second)
  const startAtMs = nowMs() + 60_000
  const { id, status } = await sent(hub, { ...diagnostics, startAtMs, rate: { perMinute: 1 } })
  expect(status).toBe('scheduled')
  skippedMs += 60_000
  const [told] = await Promise.race([a.next().then((job) => [job]), b.next().then((job) => [job])])
  expect(told).toMatchObject({ batchId: id })
  expect((await show(hub, id)).counts).toMatchObject({ told: 1, waiting: 1 })
  skippedMs += 61_000
  await batchOnce(hub, id, ({ counts }) => counts.told === 2)
  await ask(hub, `/${id}/cancel`, { reason: 'enough' })
})

test('a device that does not know the command is not told, and counts as outdated', async () => {
  const [first, second] = devices()
  using _a = await followJobs(hub, first, ['something-else'])
  using b = await followJobs(hub, second)
  const { id } = await sent(hub, diagnostics)
  await b.done(await b.next())
  const ended = await batchOnce(hub, id, ({ status }) => status === 'ended')
  expect(ended).toMatchObject({
    counts: { failed: 1, succeeded: 1 },
    problems: [{ code: 'device_outdated', count: 1 }],
  })
})

test('the hub relabels by itself, devices that are away too', async () => {
  const command = { kind: 'relabel', set: { line: '4' }, remove: [] }
  const { id } = await sent(hub, { command, selector: 'device.name == "two"' })
  await batchOnce(hub, id, ({ status, counts }) => status === 'ended' && counts.succeeded === 1)
  expect((await hub.ask('GET', '/v1/devices/two')).body).toMatchObject({ labels: { line: '4' } })
})

test('where the hub wants different keys, nobody signs or sends what is theirs', async () => {
  await using strict = await startTestHub({ separateBatchKeys: true })
  await joinDevice(strict)
  const keyOf = async (name: string) =>
    (await strict.ask<{ secret: string }>('POST', '/v1/keys', { body: { name, role: 'owner' } })).body.secret
  const signer = await keyOf('signer')
  const sender = await keyOf('sender')
  const { id } = await ask(strict, '', diagnostics)
  expect(await ask(strict, `/${id}/sign`)).toMatchObject({ code: 'batch_key_refused' })
  expect(await ask(strict, `/${id}/sign`, {}, signer)).toMatchObject({ status: 'signed' })
  expect(await ask(strict, `/${id}/send`, {}, signer)).toMatchObject({ code: 'batch_key_refused' })
  expect(await ask(strict, `/${id}/send`)).toMatchObject({ code: 'batch_key_refused' })
  expect(await ask(strict, `/${id}/send`, {}, sender)).toMatchObject({ status: 'running' })
  const health = await strict.ask<{ settings: object }>('GET', '/v1/health')
  expect(health.body.settings).toEqual({ separateBatchKeys: true })
})

test('batches are listed newest first, page by page, and narrowed by state and kind', async () => {
  type Page = { rows: { id: string; status: string; command: { kind: string } }[]; next?: string }
  const page = async (query: string) => (await hub.ask<Page>('GET', `/v1/batches?${query}`)).body
  const all = (await page('')).rows
  const first = await page('limit=3')
  const second = await page(`limit=3&after=${(await page('limit=3')).next}`)
  expect([...first.rows, ...second.rows].map(({ id }) => id)).toEqual(all.slice(0, 6).map(({ id }) => id))
  expect((await page('kind=relabel')).rows.map(({ command }) => command.kind)).toEqual(['relabel'])
  expect(new Set((await page('status=cancelled')).rows.map(({ status }) => status))).toEqual(new Set(['cancelled']))
})

test('what is over is forgotten after a season, with what devices gave back, and what lives is not', async () => {
  const { store } = hub.hub
  const outputs = () => store.db.selectFrom('batch_outputs').select('batch_id').execute()
  expect(await outputs()).not.toEqual([])
  await ask(hub, '', { ...diagnostics, startAtMs: nowMs() + 91 * 86_400_000 })
  skippedMs += 92 * 86_400_000
  const swept = async () => {
    await sweepBatches(hub.hub)
    const left = await hub.ask<{ rows: { status: string }[] }>('GET', '/v1/batches')
    return left.body.rows.map(({ status }) => status)
  }
  // One of above was cancelled with devices that never answer; it is over when their time is.
  await expect.poll(swept).toEqual(['draft'])
  expect(await outputs()).toEqual([])
})
