import type { AuditRecord } from '@skerry/contract/audit/audit'
import type { Device } from '@skerry/contract/devices/device'
import type { Site } from '@skerry/contract/sites/site'
import { auditSentence, isDryRun, partsText } from '@skerry/core/audit/audit-words'
import { systemClock } from '@skerry/platform/process/clock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { askToJoin, joinDevice, makeApplicant, makeToken, openLink, reportOf } from '../stage/test-device.ts'

let hub: TestHub
let nowMs = Date.now()
beforeAll(async () => {
  hub = await startTestHub({ clock: { ...systemClock, nowMs: () => nowMs } })
})
afterAll(() => hub[Symbol.asyncDispose]())

const apply = (name: string, body: object) =>
  hub.ask<{ change: string; site?: Site; code?: string }>('PUT', `/v1/sites/${name}`, { body })

test('a site is created and changed, and a change against an old revision is rejected', async () => {
  expect((await apply('lyon', { kind: 'edge', country: 'FR' })).body).toMatchObject({
    change: 'created',
    site: { revision: 1 },
  })
  expect((await apply('lyon', { kind: 'edge', country: 'FR' })).body).toMatchObject({
    change: 'unchanged',
    site: { revision: 1 },
  })
  expect((await apply('lyon', { kind: 'cloud', dryRun: true })).body).toMatchObject({
    change: 'updated',
    site: { kind: 'edge' },
  })
  const place = { latitude: 45.75, longitude: 4.85 }
  const changed = await apply('lyon', { kind: 'cloud', coordinates: place, ifRevision: 1 })
  expect(changed.body).toMatchObject({ change: 'updated', site: { revision: 2, coordinates: place } })
  expect(changed.body.site).not.toHaveProperty('country')
  expect((await apply('lyon', { kind: 'edge', ifRevision: 1 })).body).toMatchObject({ code: 'revision_stale' })
  expect((await apply('nice', { kind: 'edge', ifRevision: 3 })).body).toMatchObject({ code: 'revision_stale' })
  expect((await apply('nice', { kind: 'edge', dryRun: true })).body).toEqual({ change: 'created' })
  expect((await hub.ask('GET', '/v1/sites/nice')).body).toMatchObject({ code: 'site_unknown' })
})

test('the audit trail marks a dry run, also a rejected one, and keeps a valid chain', async () => {
  await apply('pau', { kind: 'edge' })
  await apply('pau', { kind: 'cloud', dryRun: true })
  await apply('pau', { kind: 'cloud', ifRevision: 9, dryRun: true })
  await apply('pau', { kind: 'cloud', ifRevision: 9 })
  const { rows } = (await hub.ask<{ rows: AuditRecord[] }>('GET', '/v1/audit?object=pau')).body
  expect(rows.map((record) => [partsText(auditSentence(record)), isDryRun(record), record.result])).toEqual([
    ['owner created the site pau', false, 'ok'],
    ['owner made a dry run: change the site pau', true, 'ok'],
    ['owner could not change the site pau', true, 'revision_stale'],
    ['owner could not change the site pau', false, 'revision_stale'],
  ])
  expect((await hub.ask('GET', '/v1/audit/verify')).body).toMatchObject({ intact: true })
})

test('a site can be removed if it has no device', async () => {
  const device = await joinDevice(hub, { site: 'bonn' })
  expect((await hub.ask('GET', '/v1/sites/bonn')).body).toMatchObject({ deviceCount: 1 })
  expect((await hub.ask('DELETE', '/v1/sites/bonn')).body).toMatchObject({ code: 'site_in_use' })
  await hub.ask('DELETE', `/v1/devices/${device.id}`)
  expect((await hub.ask('DELETE', '/v1/sites/bonn')).status).toBe(200)
  await expect(openLink(hub, device)).rejects.toThrow('certificate_invalid')
})

type Page = { rows: Device[]; next?: string; code?: string }

test('devices are listed in pages, and by a selector', async () => {
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    await joinDevice(hub, { site: 'kiel', name: `kiel-${name}` })
    await hub.ask('PUT', `/v1/devices/kiel-${name}/labels`, { body: { labels: { odd: String(name < 'c') } } })
  }
  const list = async (query: Record<string, string>) =>
    (await hub.ask<Page>('GET', `/v1/devices?${new URLSearchParams(query)}`)).body
  const names = ({ rows }: Page) => rows.map(({ name }) => name)
  const all = "device.name.startsWith('kiel-')"
  const first = await list({ limit: '2', selector: all })
  expect(names(first)).toEqual(['kiel-a', 'kiel-b'])
  const second = await list({ limit: '2', selector: all, after: first.next ?? '' })
  expect(names(second)).toEqual(['kiel-c', 'kiel-d'])
  const last = await list({ limit: '2', selector: all, after: second.next ?? '' })
  expect(names(last)).toEqual(['kiel-e'])
  expect(last).not.toHaveProperty('next')
  expect(names(await list({ selector: "device.labels.odd == 'true' && site.name == 'kiel'" }))).toEqual([
    'kiel-a',
    'kiel-b',
  ])
  expect((await list({ selector: 'device.' })).code).toBe('selector_invalid')
  expect((await list({ selector: '1 + 1' })).code).toBe('selector_invalid')
})

test('labels are changed only against their newest revision', async () => {
  const { name } = await joinDevice(hub)
  const relabel = (ifRevision: number) =>
    hub.ask('PUT', `/v1/devices/${name}/labels`, { body: { labels: { line: 'b' }, ifRevision } })
  expect((await relabel(1)).body).toMatchObject({ labels: { line: 'b' }, revision: 2 })
  expect((await relabel(1)).body).toMatchObject({ code: 'revision_stale' })
})

test('a silent device is stale, not healthy, and the summary counts it', async () => {
  await using fresh = await startTestHub({ clock: { ...systemClock, nowMs: () => nowMs } })
  const device = await joinDevice(fresh)
  await joinDevice(fresh)
  using link = await openLink(fresh, device)
  await link.client.report(reportOf({ atMs: nowMs }))
  const counts = async () => (await fresh.ask<{ devices: object }>('GET', '/v1/status')).body.devices
  expect(await counts()).toMatchObject({ online: 1, stale: 0, never: 1 })
  nowMs += 180_000
  expect(await counts()).toMatchObject({ online: 1 })
  nowMs += 1
  expect(await counts()).toMatchObject({ online: 0, stale: 1, never: 1 })
})

test('a token ends at its time, and a device that joined with it still reconnects', async () => {
  const { secret } = await makeToken(hub, { expiresInSeconds: 60 })
  const applicant = await makeApplicant()
  expect((await askToJoin(hub, secret, applicant)).status).toBe(200)
  nowMs += 60_000
  expect((await askToJoin(hub, secret, await makeApplicant())).body).toMatchObject({ code: 'token_refused' })
  expect((await askToJoin(hub, secret, applicant)).body).toMatchObject({ status: 'active' })
})

test('a certificate that ends during a connection ends the connection', async () => {
  const device = await joinDevice(hub)
  using link = await openLink(hub, device)
  await link.client.report(reportOf({ atMs: nowMs }))
  nowMs += 366 * 86_400_000
  await expect(link.client.report(reportOf({ atMs: nowMs }))).rejects.toThrow()
  expect((await link.closed).code).toBe(4403)
  await expect(openLink(hub, device)).rejects.toThrow('certificate_lapsed')
})
