import type { App } from '@skerry/contract/apps/app'
import type { Explanation } from '@skerry/contract/deployments/explanation'
import type { PushReply, VersionDetail } from '@skerry/contract/models/model'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import { verifyModel } from '@skerry/platform/signatures/model-signature'
import { imageOf } from '@skerry/testkit/images/image-archive'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Answer, startTestHub, type TestHub } from '../stage/running-hub.ts'
import { INVENTORY, joinDevice, openLink, reportOf } from '../stage/test-device.ts'
import { upload } from '../stage/test-model.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

const image = imageOf({ layers: ['one', 'two'] })
const pathOf = (bytes: Uint8Array) => `blobs/sha256/${digestOf(bytes).slice(7)}`

const service = {
  image: digestOf(image.manifest),
  imageId: digestOf(image.config),
  imageName: 'web:1',
  platform: { os: 'linux', architecture: 'amd64' },
  resources: { memoryBytes: 64 * 1024 ** 2, cpus: 1, pids: 64 },
  restart: 'unless-stopped',
  stopGraceMs: 10_000,
} as const

const app = (more: object = {}): unknown => ({ v: 1, services: { web: { ...service, ...more } } })

type Files = ReadonlyMap<string, Uint8Array>

const imageFiles = (): [string, Uint8Array][] =>
  [image.manifest, image.config, ...image.layers].map((bytes) => [pathOf(bytes), bytes])
const release = (content: unknown = app()): Files =>
  new Map<string, Uint8Array>([
    ['app.json', Buffer.from(canonicalJson(content))],
    ['compose.yaml', Buffer.from('services: {web: {image: web:1}}')],
    ...imageFiles(),
  ])

async function push(
  name: string,
  files: Files,
  body: object = {},
): Promise<Answer<PushReply & { code?: string; message?: string }>> {
  const named: { path: string; digest: string }[] = []
  for (const [path, bytes] of files) named.push({ path, digest: await upload(hub, Buffer.from(bytes)) })
  return hub.ask('POST', `/v1/models/${name}/versions`, { body: { files: named, ...body } })
}

test('a release is a version: numbered, signed, with all files of its images', async () => {
  const first = await push('dashboard', release(), { aliases: ['stable'] })
  expect(first.status, first.text).toBe(200)
  const { version } = first.body
  expect(version).toMatchObject({ kind: 'app', name: 'dashboard', version: 1, goldenCases: 0, aliases: ['stable'] })
  expect(version.files).toHaveLength(6)
  const expected = { name: 'dashboard/1', resources: version.files }
  expect(verifyModel(version.bundle, [hub.hub.signing.publicKeyPem], expected)).toMatchObject({ ok: true })
  expect((await push('dashboard', release())).body).toEqual({ created: false, version })
  const shown = await hub.ask<VersionDetail & { app: App }>('GET', '/v1/models/dashboard/versions/1')
  expect(shown.body.app.services.web?.imageName).toBe('web:1')
  const { body } = await hub.ask<{ rows: { action: string; object?: { id: string } }[] }>('GET', '/v1/audit?limit=50')
  expect(body.rows.map(({ action, object }) => `${action} ${object?.id}`)).toContain('model.push dashboard/1')
})

test.each([
  ['privileged mode', { privileged: true }, 'services.web'],
  ['a path of the device', { volumes: [{ name: '/etc', target: '/x' }] }, 'services.web.volumes.0.name'],
  ['a target that climbs', { volumes: [{ name: 'a', target: '/x/../y' }] }, 'services.web.volumes.0.target'],
  ['the network of the device', { networkMode: 'host' }, 'services.web.networkMode'],
  ['capabilities', { capAdd: ['SYS_ADMIN'] }, 'services.web'],
  ['no limits', { resources: undefined }, 'services.web.resources'],
])('the hub rejects an app with %s, also without our command line', async (_, more, place) => {
  const { status, body } = await push('escape', release(app(more)))
  expect([status, body.code]).toEqual([422, 'app_invalid'])
  expect(body.message).toContain(place)
})

test.each([
  ['a layer is missing', pathOf(image.layers[1] ?? image.config), 'is missing'],
  ['the configuration is missing', pathOf(image.config), 'is missing'],
  ['the manifest is missing', pathOf(image.manifest), 'is missing'],
])('the hub rejects an image of which %s', async (_, path, words) => {
  const files = new Map([...release()].filter(([each]) => each !== path))
  const { status, body } = await push('broken', files)
  expect([status, body.code]).toEqual([422, 'app_invalid'])
  expect(body.message).toContain(words)
})

test('the hub rejects an image of another platform or with another id, and files that are no part of an app', async () => {
  const platform = { os: 'linux', architecture: 'arm64' }
  expect((await push('broken', release(app({ platform })))).body.message).toContain('linux/amd64')
  const imageId = digestOf('other')
  expect((await push('broken', release(app({ imageId })))).body.message).toContain('image id')
  const stray = await push('broken', new Map([...release(), ['run.sh', Buffer.from('x')]]))
  expect(stray.body).toMatchObject({ code: 'input_invalid', message: expect.stringContaining('run.sh') })
  const renamed = await push('broken', new Map([...release(), [`blobs/sha256/${'0'.repeat(64)}`, Buffer.from('x')]]))
  expect(renamed.body).toMatchObject({ code: 'input_invalid', message: expect.stringContaining('has the digest') })
  expect((await push('broken', release('no app'))).body).toMatchObject({ code: 'app_invalid' })
})

test('an app goes only to devices with a container engine, and is no shadow', async () => {
  const devices = { bare: await joinDevice(hub, { name: 'bare' }), docker: await joinDevice(hub, { name: 'docker' }) }
  using bare = await openLink(hub, devices.bare)
  using docker = await openLink(hub, devices.docker)
  await bare.client.report(reportOf({ inventory: { ...INVENTORY, capabilities: ['onnx', 'flow'] } }))
  await docker.client.report(reportOf({ inventory: { ...INVENTORY, capabilities: ['onnx', 'flow', 'container'] } }))
  const body = { deployable: 'dashboard' }
  const shadow = { ...body, strategy: { shadow: {} } }
  expect((await hub.ask('PUT', '/v1/deployments/dashboard', { body: shadow })).body).toMatchObject({
    code: 'input_invalid',
  })
  expect((await hub.ask('PUT', '/v1/deployments/dashboard', { body })).status).toBe(200)
  const explained = await hub.ask<Explanation>('GET', '/v1/deployments/dashboard/explain/bare')
  expect(explained.body.summary).toContain('no container engine')
  for await (const { items } of await docker.client.desired({})) {
    expect(items).toMatchObject([{ kind: 'app', name: 'dashboard', version: 1, spec: {} }])
    break
  }
  expect((await bare.client.report(reportOf())).generation).toBe(0)
})

test('a setting of a deployment fits the schema of the release, and reaches the device', async () => {
  const properties = { LIMIT: { type: 'integer', maximum: 10 }, MODE: { type: 'string', default: 'quiet' } }
  const config = { type: 'object', properties }
  expect((await push('tuned', release({ ...(app() as object), config }))).status).toBe(200)
  const apply = (values: object) =>
    hub.ask<{ code?: string; message?: string }>('PUT', '/v1/deployments/tuned', {
      body: { deployable: 'tuned', config: values },
    })
  for (const [values, words] of [
    [{ LIMIT: 11 }, 'LIMIT must be at most 10'],
    [{ LIMIT: 'x' }, 'LIMIT must be a number'],
    [{ OTHER: 1 }, 'OTHER is no setting of the app; it has LIMIT, MODE'],
  ] as const) {
    const { body } = await apply(values)
    expect(body).toMatchObject({ code: 'input_invalid', message: expect.stringContaining(words) })
  }
  const device = await joinDevice(hub, { name: 'tuned-device' })
  using link = await openLink(hub, device)
  await link.client.report(reportOf({ inventory: { ...INVENTORY, capabilities: ['onnx', 'flow', 'container'] } }))
  expect((await apply({ LIMIT: 7 })).status).toBe(200)
  for await (const { items } of await link.client.desired({})) {
    const tuned = items.find((item) => (item as { name: string }).name === 'tuned')
    if (!tuned) continue
    expect(tuned).toMatchObject({ kind: 'app', spec: { config: { LIMIT: 7 } } })
    break
  }
})

test('a setting of a site or device reaches only the devices of that place', async () => {
  const properties = { LIMIT: { type: 'integer', maximum: 10 }, MODE: { type: 'string', default: 'quiet' } }
  const config = { type: 'object', properties }
  expect((await push('placed', release({ ...(app() as object), config }))).status).toBe(200)
  const apply = (configAt: object[]) =>
    hub.ask<{ code?: string; message?: string }>('PUT', '/v1/deployments/placed', {
      body: { deployable: 'placed', config: { LIMIT: 1, MODE: 'loud' }, configAt, strategy: { waves: [{}] } },
    })
  const wrong = await apply([{ place: 'site:hamburg', config: { LIMIT: 11 } }])
  expect(wrong.body).toMatchObject({
    code: 'input_invalid',
    message: expect.stringContaining('site:hamburg: the setting LIMIT'),
  })
  const places = [
    { place: 'site:north', config: { LIMIT: 2 } },
    { place: 'device:placed-2', config: { LIMIT: 3 } },
  ]
  const names = ['placed-1', 'placed-2', 'placed-3'] as const
  const sites = ['north', 'north', 'south'] as const
  const links = await Promise.all(
    names.map(async (name, index) => {
      const link = await openLink(hub, await joinDevice(hub, { name, site: sites[index] ?? 'north' }))
      await link.client.report(reportOf({ inventory: { ...INVENTORY, capabilities: ['onnx', 'flow', 'container'] } }))
      return link
    }),
  )
  expect((await apply(places)).status).toBe(200)
  const configs: unknown[] = []
  for (const link of links) {
    for await (const { items } of await link.client.desired({})) {
      const placed = items.find((item) => (item as { name: string }).name === 'placed')
      if (!placed) continue
      configs.push((placed as { spec: { config: unknown } }).spec.config)
      break
    }
    link[Symbol.dispose]()
  }
  expect(configs).toEqual([2, 3, 1].map((LIMIT) => ({ LIMIT, MODE: 'loud' })))
})

test('a release that reaches into devices needs a permission of its own, and its plan shows the parts', async () => {
  const access = { gpus: { count: 'all' }, devices: [{ host: '/dev/ttyUSB0', container: '/dev/plc', rights: 'rw' }] }
  const files = release(app({ access }))
  const key = async (role: string) => {
    const wish = { body: { name: `reach-${role}`, role } }
    return (await hub.ask<{ secret: string }>('POST', '/v1/keys', wish)).body.secret
  }
  const named: { path: string; digest: string }[] = []
  for (const [path, bytes] of files) named.push({ path, digest: await upload(hub, Buffer.from(bytes)) })
  const pushAs = async (role: string) =>
    hub.ask<{ code?: string; message?: string }>('POST', '/v1/models/reach/versions', {
      key: await key(role),
      body: { files: named },
    })
  const refused = await pushAs('editor')
  expect(refused.body).toMatchObject({ code: 'permission_denied', message: expect.stringContaining('app.host') })
  expect((await pushAs('administrator')).status).toBe(200)
  const device = await joinDevice(hub, { name: 'reach-device' })
  using link = await openLink(hub, device)
  await link.client.report(reportOf({ inventory: { ...INVENTORY, capabilities: ['onnx', 'flow', 'container'] } }))
  const plan = await hub.ask<{ cautions: object[] }>('POST', '/v1/deployments/reach/plan', {
    body: { deployable: 'reach', selector: 'device.name == "reach-device"' },
  })
  expect(plan.body.cautions).toContainEqual(
    expect.objectContaining({
      code: 'host_access',
      message: 'will give the app parts of the device: gpu, device:/dev/ttyUSB0',
      count: 1,
    }),
  )
})
