import type { DeviceEvent } from '@skerry/contract/devices/device-event'
import type { ItemReport } from '@skerry/contract/devices/item'
import { Digest } from '@skerry/contract/values/digest'
import { DeploymentId } from '@skerry/contract/values/ids'
import { createCertificateRequest } from '@skerry/platform/certificates/certificate-request'
import { systemClock } from '@skerry/platform/process/clock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { askToJoin, joinDevice, makeApplicant, makeToken, openLink, reportOf } from '../stage/test-device.ts'

let hub: TestHub
/** Added to the real time. */
let laterMs = 0
beforeAll(async () => {
  hub = await startTestHub({ clock: { ...systemClock, nowMs: () => systemClock.nowMs() + laterMs } })
})
afterAll(() => hub[Symbol.asyncDispose]())

type Page = { rows: DeviceEvent[]; next?: string }
const eventsOf = async (name: string, query = '') =>
  (await hub.ask<Page>('GET', `/v1/devices/${name}/events${query}`)).body
/** Oldest first. */
const changesOf = async (name: string) => (await eventsOf(name)).rows.toReversed().map(({ change }) => change)
const kindsOf = async (name: string) => (await changesOf(name)).map(({ kind }) => kind)

const digest = Digest.parse(`sha256:${'a'.repeat(64)}`)
const pump = (state: ItemReport['state'], changes: Partial<ItemReport> = {}): ItemReport => ({
  kind: 'model',
  name: 'pump',
  deploymentId: DeploymentId.parse('dep_aaaaaaaa'),
  target: { revision: 1, version: 1, digest, retryToken: 0 },
  state,
  sinceMs: 1,
  ...changes,
})

test('what a device reports becomes its history, and the same again becomes nothing', async () => {
  const { name, ...device } = await joinDevice(hub)
  using link = await openLink(hub, device)
  await link.client.report(reportOf())
  await link.client.report(reportOf({ items: [pump('fetching')] }))
  const cause = { code: 'golden_mismatch', message: 'other numbers' }
  const failed = reportOf({
    bootId: 'boot-0002',
    items: [pump('failed', { cause, sinceMs: 7 })],
    conditions: [{ code: 'disk_low', message: 'make room' }],
    endpoints: { rest: 'http://127.0.0.1:8500' },
  })
  await link.client.report(failed)
  await link.client.report(failed)
  const changes = await changesOf(name)
  expect(changes).toMatchObject([
    { kind: 'joined', site: 'berlin', isPending: false },
    { kind: 'certified' },
    { kind: 'agent-started', bootId: 'boot-0001' },
    { kind: 'item', model: 'pump', after: { state: 'fetching' } },
    { kind: 'agent-started', bootId: 'boot-0002' },
    { kind: 'item', before: { state: 'fetching' }, after: { state: 'failed', cause, sinceMs: 7 } },
    { kind: 'condition-raised', code: 'disk_low' },
    { kind: 'endpoints' },
  ])
  await link.client.report(reportOf({ bootId: 'boot-0002', endpoints: failed.endpoints }))
  expect((await kindsOf(name)).slice(changes.length)).toEqual(['item', 'condition-cleared'])
})

test('history has pages and kinds, and strangers are refused', async () => {
  const { name, ...device } = await joinDevice(hub)
  using link = await openLink(hub, device)
  await link.client.report(reportOf({ items: [pump('fetching')] }))
  const first = await eventsOf(name, '?limit=1')
  expect(first.rows).toMatchObject([{ change: { kind: 'item' } }])
  const second = await eventsOf(name, `?limit=3&after=${first.next}`)
  expect(second.rows.map(({ change }) => change.kind)).toEqual(['agent-started', 'certified', 'joined'])
  expect(second.next).toBeUndefined()
  expect((await eventsOf(name, '?kind=certified')).rows).toHaveLength(1)
  expect((await hub.ask('GET', `/v1/devices/${name}/events?kind=nonsense`)).status).toBe(400)
  expect((await hub.ask('GET', `/v1/devices/${name}/events?after=-1`)).status).toBe(400)
  expect((await hub.ask('GET', '/v1/devices/nobody/events')).body).toMatchObject({ code: 'device_unknown' })
})

test('what people and the hub did stands in it too', async () => {
  const { secret } = await makeToken(hub, { approval: 'manual' })
  const applicant = await makeApplicant()
  await askToJoin(hub, secret, applicant, 'late')
  await hub.ask('POST', '/v1/devices/late/approve')
  const { body } = await askToJoin(hub, secret, applicant, 'late')
  if (body.status !== 'active') throw new Error('not let in')
  using link = await openLink(hub, { certificatePem: body.certificate, privateKeyPem: applicant.privateKeyPem })
  await link.client.renew({ csr: await createCertificateRequest(applicant.privateKeyPem) })
  await hub.ask('PUT', '/v1/devices/late/labels', { body: { labels: { line: '2' } } })
  await hub.ask('PUT', '/v1/devices/late/labels', { body: { labels: { line: '2' } } })
  // It follows what this hub never issued.
  await link.client.report(reportOf({ observedGeneration: 5, observedDigest: digest }))
  await hub.ask('POST', '/v1/devices/late/resume', { body: { reason: 'checked' } })
  await hub.ask('POST', '/v1/devices/late/revoke', { body: { reason: 'stolen' } })
  expect(await changesOf('late')).toMatchObject([
    { kind: 'joined', isPending: true },
    { kind: 'approved', by: 'owner' },
    { kind: 'certified' },
    { kind: 'certified' },
    { kind: 'relabelled', by: 'owner', set: { line: '2' }, removed: [] },
    { kind: 'agent-started' },
    { kind: 'generation', before: 0, after: 5 },
    { kind: 'condition-raised', code: 'generation_conflict' },
    { kind: 'conflict-paused', reported: 5, issued: 0 },
    { kind: 'resumed', by: 'owner', reason: 'checked' },
    { kind: 'revoked', by: 'owner', reason: 'stolen' },
  ])
  await hub.ask('DELETE', '/v1/devices/late')
  expect((await hub.ask('GET', '/v1/devices/late/events')).status).toBe(404)
})

test('a silence is told when it ends, with the hour when it began', async () => {
  const { name, ...device } = await joinDevice(hub)
  using link = await openLink(hub, device)
  await link.client.report(reportOf())
  const { lastSeenAtMs } = (await hub.ask<{ lastSeenAtMs: number }>('GET', `/v1/devices/${name}`)).body
  laterMs += 3_600_000
  await link.client.report(reportOf({ atMs: Date.now() + laterMs }))
  const [newest] = (await eventsOf(name)).rows
  expect(newest?.change).toEqual({ kind: 'heard-again', silentSinceMs: lastSeenAtMs })
  expect((newest?.atMs ?? 0) - lastSeenAtMs).toBeGreaterThan(3_000_000)
})

test('a new connection that says the same tells nothing', async () => {
  const { name, ...device } = await joinDevice(hub)
  using link = await openLink(hub, device)
  const same = reportOf({ atMs: Date.now() + laterMs, items: [pump('active')] })
  await link.client.report(same)
  link.socket.terminate()
  using again = await openLink(hub, device)
  await again.client.report(same)
  expect(await kindsOf(name)).toEqual(['joined', 'certified', 'agent-started', 'item'])
})
