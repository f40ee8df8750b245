/** Advisories match parts of versions; people accept risks; devices that run a severe one raise an alert. */
import type { Alert } from '@skerry/contract/alerts/alert'
import type { Vulnerability, VulnerabilityDetail } from '@skerry/contract/vulnerabilities/vulnerability'
import { systemClock } from '@skerry/platform/process/clock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FleetDevice } from '../stage/fleet/fleet-records.ts'
import { addRunningDevices } from '../stage/fleet/running-devices.ts'
import { otherOrganisation } from '../stage/other-organisation.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { modelBytes, push, unary } from '../stage/test-model.ts'

let hub: TestHub
let nowMs = Date.now()
const fleet: FleetDevice[] = []

beforeAll(async () => {
  hub = await startTestHub({ clock: { ...systemClock, nowMs: () => nowMs } })
  await push(hub, 'pump', modelBytes(unary('Relu')))
  await push(hub, 'pump', modelBytes(unary('Tanh')))
  fleet.push(...(await addRunningDevices(hub, { name: 'pump', version: 1, count: 2, nowMs })))
})
afterAll(() => hub[Symbol.asyncDispose]())

const advisory = (id: string, name: string, fixed: string, more: object = {}) => ({
  schema_version: '1.6.0',
  id,
  modified: '2026-01-01T00:00:00Z',
  summary: `${name} breaks`,
  severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
  affected: [
    { package: { ecosystem: 'npm', name }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed }] }] },
  ],
  ...more,
})

const bomOf = (...purls: string[]) => ({
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  components: [{ type: 'container', name: 'image', components: purls.map((purl) => ({ type: 'library', purl })) }],
})

const setParts = (version: number, ...purls: string[]) =>
  hub.ask('PUT', `/v1/models/pump/versions/${version}/parts`, { body: { bom: bomOf(...purls) } })

const importAll = (body: object) => hub.ask('POST', '/v1/vulnerabilities', { body })

const list = async (query = '') =>
  (await hub.ask<{ rows: Vulnerability[] }>('GET', `/v1/vulnerabilities${query}`)).body.rows

const alerts = async () =>
  (await hub.ask<{ alerts: Alert[] }>('GET', '/v1/alerts')).body.alerts.filter(
    ({ code }) => code === 'vulnerabilities_open',
  )

test('an advisory matches the parts of a version, whichever of the two came first', async () => {
  expect((await importAll({ advisories: [advisory('CVE-2026-1', 'left-pad', '1.3.1')] })).body).toEqual({
    advisories: 1,
    statements: 0,
    unchanged: 0,
  })
  expect(await list()).toEqual([])
  const set = await setParts(1, 'pkg:npm/left-pad@1.3.0', 'pkg:npm/safe@1.0.0', 'pkg:generic/tool@1')
  expect(set.body, set.text).toEqual({ version: 1, parts: 2, ignored: 2 })
  await setParts(2, 'pkg:npm/left-pad@1.3.1')
  const found = { id: 'CVE-2026-1', severity: 'critical', score: 9.8, state: 'open', parts: ['pkg:npm/left-pad@1.3.0'] }
  expect(await list()).toMatchObject([{ ...found, versions: 1, devices: 2 }])
  await importAll({ advisories: [advisory('CVE-2026-2', 'safe', '2.0.0')] })
  expect((await list()).map(({ id }) => id)).toEqual(['CVE-2026-1', 'CVE-2026-2'])
})

test('an explanation names the part, the reason, the fix and the devices', async () => {
  const { body } = await hub.ask<VulnerabilityDetail>('GET', '/v1/vulnerabilities/CVE-2026-1')
  expect(body.components).toMatchObject([
    {
      name: 'pump',
      version: 1,
      purl: 'pkg:npm/left-pad@1.3.0',
      fixedIn: '1.3.1',
      reason: '1.3.0 is in the range from 0 before 1.3.1',
    },
  ])
  expect(body.onDevices.map(({ device }) => device).toSorted()).toEqual(fleet.map(({ name }) => name).toSorted())
  expect((await hub.ask('GET', '/v1/vulnerabilities/CVE-0')).body).toMatchObject({ code: 'vulnerability_unknown' })
})

test('an older form of an advisory changes nothing, and a newer one that is withdrawn ends it', async () => {
  const withdrawn = { modified: '2026-02-01T00:00:00Z', withdrawn: '2026-02-01T00:00:00Z' }
  await importAll({ advisories: [advisory('CVE-2026-2', 'safe', '2.0.0', withdrawn)] })
  expect((await list()).map(({ id }) => id)).toEqual(['CVE-2026-1'])
  expect((await importAll({ advisories: [advisory('CVE-2026-2', 'safe', '2.0.0')] })).body).toMatchObject({
    unchanged: 1,
  })
  expect((await list()).map(({ id }) => id)).toEqual(['CVE-2026-1'])
})

test('an open one on devices is an alert until somebody accepts it, and again when that ends', async () => {
  expect(await alerts()).toMatchObject([
    {
      severity: 'critical',
      count: 1,
      message: expect.stringContaining('2 devices run a part with CVE-2026-1'),
      link: '/vulnerabilities/CVE-2026-1',
    },
  ])
  const body = { reason: 'the port is closed', seconds: 3_600 }
  expect((await hub.ask('PUT', '/v1/vulnerabilities/CVE-2026-1/acceptance', { body })).status).toBe(200)
  expect(await list('?state=accepted')).toMatchObject([
    { id: 'CVE-2026-1', accepted: { reason: 'the port is closed', by: 'owner' } },
  ])
  expect(await alerts()).toEqual([])
  nowMs += 3_600_000
  expect(await list('?state=open')).toHaveLength(1)
  expect(await alerts()).toHaveLength(1)
  await hub.ask('PUT', '/v1/vulnerabilities/CVE-2026-1/acceptance', { body })
  await hub.ask('DELETE', '/v1/vulnerabilities/CVE-2026-1/acceptance')
  expect(await list('?state=open')).toHaveLength(1)
})

test('a rule keeps a version with an open one from a new rollout, until it is repaired or accepted; a rollback is free', async () => {
  const rules = [{ models: 'pump', severity: 'high' }]
  const set = await hub.ask<{ revision: number }>('PUT', '/v1/vulnerability-rules', { body: { rules, ifRevision: 0 } })
  expect(set.body, set.text).toMatchObject({ revision: 1, updatedBy: 'owner' })
  const stale = { body: { rules: [], ifRevision: 0 } }
  expect((await hub.ask('PUT', '/v1/vulnerability-rules', stale)).body).toMatchObject({ code: 'revision_stale' })
  const wish = (version: string) => ({ body: { deployable: 'pump', version, selector: 'true' } })
  const apply = (version: string) => hub.ask('PUT', '/v1/deployments/guarded', wish(version))
  const refused = await apply('1')
  expect(refused.body).toMatchObject({ code: 'version_vulnerable' })
  expect(refused.text).toContain('pump:1 has the vulnerability CVE-2026-1 (critical) in pkg:npm/left-pad@1.3.0')
  expect(refused.text).toContain('from 1.3.1 on')
  const plan = await hub.ask('POST', '/v1/deployments/guarded/plan', wish('1'))
  expect(plan.body).toMatchObject({ code: 'version_vulnerable' })
  expect((await apply('2')).status).toBe(200)
  const body = { reason: 'the port is closed', seconds: 3_600 }
  await hub.ask('PUT', '/v1/vulnerabilities/CVE-2026-1/acceptance', { body })
  expect((await apply('1')).status).toBe(200)
  expect((await apply('2')).status).toBe(200)
  await hub.ask('DELETE', '/v1/vulnerabilities/CVE-2026-1/acceptance')
  expect((await apply('1')).body).toMatchObject({ code: 'version_vulnerable' })
  const back = await hub.ask('POST', '/v1/deployments/guarded/rollback', { body: { to: 2 } })
  expect(back.status, back.text).toBe(200)
  await hub.ask('PUT', '/v1/vulnerability-rules', { body: { rules: [] } })
})

test('a VEX statement makes it harmless, and a newer one makes it open again', async () => {
  const statement = (timestamp: string, status: string) => ({
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': 'https://plant.example/vex/1',
    author: 'Plant security',
    timestamp,
    version: 1,
    statements: [
      {
        vulnerability: { name: 'CVE-2026-1' },
        products: [{ '@id': 'pkg:generic/pump@1' }],
        status,
        justification: 'component_not_present',
      },
    ],
  })
  await importAll({ statements: [statement('2026-03-01T00:00:00Z', 'not_affected')] })
  expect(await list()).toMatchObject([{ state: 'harmless', versions: 0, devices: 0 }])
  expect(await alerts()).toEqual([])
  await importAll({ statements: [statement('2026-03-02T00:00:00Z', 'affected')] })
  expect(await list()).toMatchObject([{ state: 'open', devices: 2 }])
})

test('another organisation sees none of it, and a viewer changes none of it', async () => {
  const key = await otherOrganisation(hub, 'elsewhere')
  expect((await hub.ask('GET', '/v1/vulnerabilities', { key })).body).toEqual({ rows: [] })
  expect((await hub.ask('GET', '/v1/vulnerabilities/CVE-2026-1', { key })).status).toBe(404)
  const made = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'looker', role: 'viewer' } })
  const { secret } = made.body
  expect((await hub.ask('GET', '/v1/vulnerabilities', { key: secret })).status).toBe(200)
  expect((await hub.ask('POST', '/v1/vulnerabilities', { key: secret, body: {} })).status).toBe(403)
})

test('a stage of a model has the parts of the whole, for the gate too, until it has some of its own', async () => {
  await importAll({ advisories: [advisory('CVE-2026-77', 'tensor-kit', '2.0.0')] })
  await push(hub, 'whole', modelBytes(unary('Neg')))
  const partsAt = (name: string, ...purls: string[]) =>
    hub.ask('PUT', `/v1/models/${name}/versions/1/parts`, { body: { bom: bomOf(...purls) } })
  await partsAt('whole', 'pkg:npm/tensor-kit@1.0.0')
  const parents = (name: string) => ({ lineage: { parents: [{ name, version: '1' }], tool: 'skerry model split' } })
  await push(hub, 'whole-1', modelBytes(unary('Abs')), parents('whole'))
  await push(hub, 'whole-1-small', modelBytes(unary('Ceil')), parents('whole-1'))
  const affected = async () => {
    const { body } = await hub.ask<VulnerabilityDetail>('GET', '/v1/vulnerabilities/CVE-2026-77')
    return body.components.map(({ name }) => name).toSorted()
  }
  expect(await affected()).toEqual(['whole', 'whole-1', 'whole-1-small'])
  await hub.ask('PUT', '/v1/vulnerability-rules', { body: { rules: [{ models: 'whole-*', severity: 'high' }] } })
  const deploy = () =>
    hub.ask<{ code?: string }>('PUT', '/v1/deployments/stages', {
      body: { deployable: 'whole-1-small', version: '1', selector: 'true' },
    })
  expect((await deploy()).body.code).toBe('version_vulnerable')
  await partsAt('whole-1', 'pkg:npm/tensor-kit@2.0.0')
  expect(await affected()).toEqual(['whole'])
  expect((await deploy()).status).toBe(200)
  await hub.ask('PUT', '/v1/vulnerability-rules', { body: { rules: [] } })
})
