/** Deployments and rollouts through the hub's own interfaces: HTTP for people, the link for devices. */
import type { Deployment, DeploymentPlan } from '@skerry/contract/deployments/deployment'
import type { Explanation } from '@skerry/contract/deployments/explanation'
import { type DesiredDocument, readDocument } from '@skerry/contract/devices/desired'
import { DeviceReport } from '@skerry/contract/devices/device-report'
import type { Rollout, RolloutDevice } from '@skerry/contract/rollouts/rollout'
import { expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, openLink, reportOf, type TestLink } from '../stage/test-device.ts'
import { modelBytes, push, unary } from '../stage/test-model.ts'

type Applied = { change: string; deployment: Deployment }
type Refused = { code: string; message: string }

async function hubWithModel(): Promise<TestHub> {
  const hub = await startTestHub()
  for (const operator of ['Relu', 'Sigmoid']) {
    const { status, text } = await push(hub, 'sensor', modelBytes(unary(operator)))
    if (status !== 200) throw new Error(text)
  }
  return hub
}

const apply = (hub: TestHub, body: object, key?: string) =>
  hub.ask<Applied & Refused>('PUT', '/v1/deployments/sensor', {
    body: { deployable: 'sensor', ...body },
    ...(key === undefined ? {} : { key }),
  })

/** A device that accepts every offer, and reports that it serves it. */
async function obey(test: TestLink) {
  await test.client.report(reportOf())
  const documents = await test.client.desired({})
  const seen: DesiredDocument[] = []
  const obeying = (async () => {
    for await (const document of documents) {
      const read = readDocument(document)
      seen.push(read)
      await test.client.report(activeReport(read))
    }
  })().catch(() => undefined)
  return { seen, obeying }
}

const activeReport = ({ generation, digest, items }: DesiredDocument): DeviceReport =>
  DeviceReport.parse({
    ...reportOf({ observedGeneration: generation, observedDigest: digest }),
    items: items.map((item) => ({
      kind: item.kind,
      name: item.name,
      deploymentId: item.deploymentId,
      target: { revision: item.revision, version: item.version, digest: item.digest, retryToken: item.retryToken },
      state: 'active',
      sinceMs: 0,
      serving: { version: item.version, digest: item.digest },
    })),
  })

/** The lines of an event stream, until it ends. */
const events = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice('data: '.length)) as Rollout)

test('a deployment is applied, planned, offered, served, watched and explained', async () => {
  await using hub = await hubWithModel()
  const device = await joinDevice(hub, { name: 'press' })
  using link = await openLink(hub, device)
  const { seen, obeying } = await obey(link)

  const plan = await hub.ask<DeploymentPlan>('POST', '/v1/deployments/sensor/plan', { body: { deployable: 'sensor' } })
  expect(plan.body).toMatchObject({
    change: 'create',
    version: 2,
    waves: [{ name: 'all', count: 1, devices: [{ name: 'press', site: 'berlin' }] }],
    refused: [],
  })
  const applied = await apply(hub, {})
  expect([applied.status, applied.body.change, applied.body.deployment.revision]).toEqual([200, 'created', 1])
  const id = applied.body.deployment.rolloutId

  const watched = events((await hub.ask('GET', `/v1/rollouts/${id}/watch`)).text)
  expect(watched.at(-1)).toMatchObject({
    id,
    status: 'done',
    deployment: 'sensor',
    version: 2,
    waves: [{ counts: { healthy: 1 } }],
  })
  expect(
    seen.map(({ generation, items }) => [generation, items.map(({ version, files }) => [version, files.length > 0])]),
  ).toEqual([[1, [[2, true]]]])

  expect((await apply(hub, {})).body.change).toBe('unchanged')
  const shown = await hub.ask<Deployment>('GET', '/v1/deployments/sensor')
  expect(shown.body).toMatchObject({ revision: 1, stableRevision: 1, version: 2, conflicts: 0 })
  const explained = await hub.ask<Explanation>('GET', '/v1/deployments/sensor/explain/press')
  expect(explained.body).toMatchObject({ picked: true, offeredVersion: 2, servingVersion: 2 })
  const devices = await hub.ask<{ rows: RolloutDevice[] }>('GET', `/v1/rollouts/${id}/devices?outcome=healthy`)
  expect(devices.body.rows).toMatchObject([
    { device: 'press', site: 'berlin', wave: 0, outcome: 'healthy', state: 'active' },
  ])
  const rollouts = await hub.ask<{ rows: Rollout[] }>('GET', '/v1/rollouts?deployment=sensor')
  expect(rollouts.body.rows.map((rollout) => rollout.id)).toEqual([id])

  await joinDevice(hub, { name: 'shelf' })
  const again = { deployable: 'sensor', strategy: { rate: { perMinute: 1 }, budget: { minAvailable: 2 } } }
  const { body } = await hub.ask<DeploymentPlan>('POST', '/v1/deployments/sensor/plan', { body: again })
  expect(body, 'one holds all of it, the other nothing, and is silent').toMatchObject({
    change: 'update',
    bytes: plan.body.bytesPerDevice,
    minSeconds: 70,
    refusedCount: 0,
    waves: [{ name: 'all', count: 2, bytes: plan.body.bytesPerDevice, minSeconds: 70 }],
    cautions: [{ code: 'device_offline', count: 1, devices: [{ name: 'shelf' }] }],
    stuckGroups: [{ group: '', devices: 2 }],
  })
  const old = await hub.ask<DeploymentPlan>('POST', '/v1/deployments/sensor/plan', {
    body: { deployable: 'sensor', version: '1' },
  })
  expect(old.body.bytes, 'golden cases and model differ: all of it comes').toBe(2 * old.body.bytesPerDevice)

  const removed = await hub.ask('DELETE', '/v1/deployments/sensor', { body: { ifRevision: 1 } })
  expect(removed.body.devices).toBe(2)
  await expect.poll(() => seen.at(-1)?.items).toEqual([])
  link.socket.terminate()
  await obeying
})

test('a person steers a rollout, with a reason in the audit trail', async () => {
  await using hub = await hubWithModel()
  await joinDevice(hub, { name: 'press' })
  const { rolloutId } = (await apply(hub, { version: '1' })).body.deployment
  const retry = await hub.ask('POST', '/v1/devices/press/retry', { body: { deployment: 'sensor' } })
  expect(retry.body).toEqual({ retryToken: 1, nothingFailed: true })
  const steer = (verb: string, body: object = { reason: 'bad smell' }) =>
    hub.ask<Rollout & Refused>('POST', `/v1/rollouts/${rolloutId}/${verb}`, { body })
  expect((await steer('pause')).body).toMatchObject({ status: 'paused', reason: 'bad smell' })
  expect((await steer('pause')).body).toMatchObject({
    code: 'rollout_event_refused',
    message: 'cannot pause a rollout that is paused',
  })
  expect((await steer('resume')).body).toMatchObject({ status: 'rolling' })
  expect((await steer('abort', {})).status).toBe(400)
  expect((await steer('rollback')).body).toMatchObject({ status: 'rolled-back' })
  expect((await steer('resume')).status).toBe(409)
  const audit = await hub.ask<{ rows: { action: string; result: string; detail: object }[] }>(
    'GET',
    `/v1/audit?object=${rolloutId}`,
  )
  expect(audit.body.rows.map(({ action, result }) => [action, result])).toEqual([
    ['rollout.pause', 'ok'],
    ['rollout.pause', 'rollout_event_refused'],
    ['rollout.resume', 'ok'],
    ['rollout.abort', 'input_invalid'],
    ['rollout.rollback', 'ok'],
    ['rollout.resume', 'rollout_event_refused'],
  ])
  expect(audit.body.rows[0]?.detail).toMatchObject({ reason: 'bad smell', revision: 1 })
  expect(audit.body.rows[1]?.detail, 'a refused request names the deployment, too').toEqual({ deployment: 'sensor' })
  // The list shows these records with the name of the deployment, so that the filter by name finds them.
  const named = await hub.ask<{ rows: { action: string }[] }>('GET', '/v1/audit?object=sensor')
  expect(named.body.rows.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['deployment.apply', 'rollout.pause', 'rollout.resume', 'rollout.rollback']),
  )
  const newest = await hub.ask<{ rows: { sequence: number }[]; next?: string }>(
    'GET',
    '/v1/audit?object=sensor&newestFirst=true&limit=2',
  )
  const rest = await hub.ask<{ rows: { sequence: number }[] }>(
    'GET',
    `/v1/audit?object=sensor&newestFirst=true&after=${newest.body.next}`,
  )
  const sequences = [...newest.body.rows, ...rest.body.rows].map(({ sequence }) => sequence)
  expect(sequences, 'page by page without a gap').toEqual(sequences.toSorted((a, b) => b - a))
  expect(sequences).toHaveLength(named.body.rows.length)
})

test('an invalid request is rejected with its code', async () => {
  await using hub = await hubWithModel()
  const code = async (asked: Promise<{ body: Refused }>) => (await asked).body.code
  expect(await code(apply(hub, { deployable: 'other' }))).toBe('model_unknown')
  expect(await code(apply(hub, { version: '9' }))).toBe('version_unknown')
  expect(await code(apply(hub, { version: '@best' }))).toBe('alias_unknown')
  expect(await code(apply(hub, { selector: 'device.nme == "a"' }))).toBe('selector_invalid')
  expect(await code(apply(hub, { strategy: { waves: [{ limit: '101%' }] } }))).toBe('input_invalid')
  expect(await code(apply(hub, { ifRevision: 1 }))).toBe('revision_stale')
  expect((await apply(hub, { ifRevision: 0 })).body.change).toBe('created')
  expect(await code(apply(hub, { version: '1', ifRevision: 0 }))).toBe('revision_stale')
  const get = (path: string) => code(hub.ask<Refused>('GET', path))
  expect(await get('/v1/deployments/other')).toBe('deployment_unknown')
  expect(await get('/v1/deployments/sensor/explain/nobody')).toBe('device_unknown')
  expect(await get('/v1/rollouts/rol_aaaaaaaaaa')).toBe('rollout_unknown')
  expect(await get('/v1/rollouts/rol_aaaaaaaaaa/devices')).toBe('rollout_unknown')
  expect(await get('/v1/rollouts/rol_aaaaaaaaaa/watch')).toBe('rollout_unknown')
  expect(await code(hub.ask<Refused>('DELETE', '/v1/deployments/sensor', { body: { ifRevision: 9 } }))).toBe(
    'revision_stale',
  )
  expect(await code(hub.ask<Refused>('DELETE', '/v1/deployments/other'))).toBe('deployment_unknown')
})

test('a viewer key can plan, and can do nothing else', async () => {
  await using hub = await hubWithModel()
  const { body } = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'viewer', role: 'viewer' } })
  const key = body.secret
  expect((await apply(hub, {}, key)).body.code).toBe('permission_denied')
  expect((await hub.ask('POST', '/v1/deployments/sensor/plan', { key, body: { deployable: 'sensor' } })).status).toBe(
    200,
  )
  const { rolloutId } = (await apply(hub, {})).body.deployment
  const steered = await hub.ask<Refused>('POST', `/v1/rollouts/${rolloutId}/abort`, { key, body: { reason: 'no' } })
  expect(steered.body.code).toBe('permission_denied')
  expect((await hub.ask('GET', '/v1/deployments', { key })).status).toBe(200)
})

test('lists are read in pages', async () => {
  await using hub = await hubWithModel()
  for (const name of ['a', 'b', 'c'])
    await hub.ask('PUT', `/v1/deployments/${name}`, { body: { deployable: 'sensor' } })
  type Names = { rows: { name?: string; deployment?: string; id: string }[]; next?: string }
  const page = async (path: string) => (await hub.ask<Names>('GET', path)).body
  const first = await page('/v1/deployments?limit=2')
  expect([first.rows.map(({ name }) => name), first.next]).toEqual([['a', 'b'], 'b'])
  expect((await page('/v1/deployments?limit=2&after=b')).rows.map(({ name }) => name)).toEqual(['c'])
  const newest = await page('/v1/rollouts?limit=2')
  const rest = await page(`/v1/rollouts?limit=2&after=${newest.next}`)
  expect([...newest.rows, ...rest.rows].map(({ deployment }) => deployment)).toHaveLength(3)
  expect(rest.rows).toHaveLength(1)
})
