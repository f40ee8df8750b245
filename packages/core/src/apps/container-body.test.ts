import { Service } from '@skerry/contract/apps/app'
import { ConfigSchema } from '@skerry/contract/apps/config-schema'
import { HostAccess } from '@skerry/contract/apps/host-access'
import { buildDesiredItem, fakeDigest } from '@skerry/testkit/simulation/desired-item'
import { expect, test } from 'vitest'
import { isSameLoad } from '../device/item-life.ts'
import { refusedAccess } from './app-access.ts'
import { settingsText } from './app-environment.ts'
import {
  containerBody,
  containerKey,
  containerName,
  imageName,
  releaseKey,
  stopSeconds,
  volumeName,
} from './container-body.ts'

const service = Service.parse({
  image: fakeDigest(1),
  imageName: 'test/web:1',
  imageId: fakeDigest(2),
  platform: { os: 'linux', architecture: 'amd64' },
  environment: { COLOUR: 'red', SIZE: '1' },
  ports: [
    { host: 8080, container: 80, protocol: 'tcp', address: '127.0.0.1' },
    { host: 8081, container: 80, protocol: 'tcp', address: '::1' },
  ],
  volumes: [{ name: 'data', target: '/data', readOnly: true }],
  healthcheck: { test: ['CMD', 'true'], intervalMs: 1_500, timeoutMs: 1_000, retries: 3, startPeriodMs: 0 },
  resources: { memoryBytes: 64 * 1024 ** 2, cpus: 0.5, pids: 20 },
  restart: 'always',
  stopGraceMs: 1_500,
})

const item = buildDesiredItem({ kind: 'app', name: 'dash', version: 3 })
const settled = { ...item, spec: { config: { COLOUR: 'blue' } } } as typeof item
const bodyOf = (of = item, spec = service, config = {}) =>
  containerBody(spec, {
    item: of,
    service: 'web',
    image: 'skerry.local/d/dash:v3-0',
    device: 'd',
    engine: 'docker',
    config,
  })

test('a container gets limits, and no right of root', () => {
  expect(bodyOf()).toMatchObject({
    StopTimeout: 2,
    Env: ['COLOUR=red', 'SIZE=1'],
    ExposedPorts: { '80/tcp': {} },
    Healthcheck: { Interval: 1_500_000_000, Retries: 3 },
    HostConfig: {
      Memory: 64 * 1024 ** 2,
      MemorySwap: 64 * 1024 ** 2,
      NanoCpus: 500_000_000,
      PidsLimit: 20,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      NetworkMode: 'skerry_dash',
      RestartPolicy: { Name: 'unless-stopped' },
      PortBindings: {
        '80/tcp': [
          { HostIp: '127.0.0.1', HostPort: '8080' },
          { HostIp: '::1', HostPort: '8081' },
        ],
      },
      Mounts: [{ Type: 'volume', Source: 'skerry_dash_data', Target: '/data', ReadOnly: true }],
    },
    NetworkingConfig: { EndpointsConfig: { skerry_dash: { Aliases: ['web'] } } },
  })
})

test('a container sees the folder of its secrets, and can only read it', () => {
  const facts = {
    item,
    service: 'web',
    image: 'i',
    device: 'd',
    engine: 'docker' as const,
    secretsFolder: '/dev/shm/x',
  }
  const body = containerBody({ ...service, volumes: [], secrets: ['db'] }, facts)
  expect(body).toMatchObject({
    Env: ['COLOUR=red', 'SIZE=1'],
    HostConfig: { Mounts: [{ Type: 'bind', Source: '/dev/shm/x', Target: '/run/secrets', ReadOnly: true }] },
  })
  expect(containerBody({ ...service, volumes: [] }, facts)).toMatchObject({ HostConfig: { Mounts: [] } })
  const data = containerBody(
    { ...service, volumes: [], data: ['limits'] },
    { ...facts, dataFolders: new Map([['limits', '/var/x']]) },
  )
  expect(data).toMatchObject({
    HostConfig: { Mounts: [{ Source: '/var/x', Target: '/run/data/limits', ReadOnly: true }] },
  })
  const repository = { path: '/models', port: 80, load: 'request' as const }
  expect(
    containerBody({ ...service, volumes: [], repository }, { ...facts, repositoryFolder: '/var/y' }),
  ).toMatchObject({
    HostConfig: { Mounts: [{ Type: 'bind', Source: '/var/y', Target: '/models', ReadOnly: true }] },
  })
})

test('Podman is asked to open ports below 1024, except in the network of the device', () => {
  const facts = { item, service: 'web', image: 'i', device: 'd', engine: 'podman' as const }
  const open = { 'net.ipv4.ip_unprivileged_port_start': '0' }
  expect(containerBody(service, facts)).toMatchObject({ HostConfig: { Sysctls: open } })
  expect(bodyOf().HostConfig).not.toHaveProperty('Sysctls')
  const access = HostAccess.parse({ hostNetwork: true })
  expect(containerBody({ ...service, ports: [], access }, facts).HostConfig).not.toHaveProperty('Sysctls')
})

test('a container without a network is in none', () => {
  const body = bodyOf(item, { ...service, ports: [], networkMode: 'none' })
  expect(body).toMatchObject({ HostConfig: { NetworkMode: 'none' } })
  expect(body).not.toHaveProperty('NetworkingConfig')
})

test('the same release with other settings is another load, with containers of its own', () => {
  expect(isSameLoad(item, settled)).toBe(false)
  expect(isSameLoad(settled, { ...settled })).toBe(true)
  expect(releaseKey(item)).toBe(item.digest)
  expect(releaseKey(settled)).toMatch(new RegExp(`^${item.digest}\\+[0-9a-f]{8}$`))
  expect(containerName({ item, app: {} }, 'web')).toBe('skerry_dash_web_v3')
  expect(containerName({ item: settled, app: {} }, 'web')).toMatch(/^skerry_dash_web_v3_[0-9a-f]{8}$/)
  expect(bodyOf(settled, service, { COLOUR: 'blue' })).toMatchObject({ Env: ['COLOUR=blue', 'SIZE=1'] })
})

test('another value of a hot setting is another load with the same containers', () => {
  const schema = ConfigSchema.parse({
    type: 'object',
    properties: { COLOUR: { type: 'string' }, LIMIT: { type: 'integer', default: 5, 'x-skerry-hot': true } },
  })
  const app = { config: schema }
  const at = (config: object) => ({ item: { ...item, spec: { config } } as typeof item, app })
  const [plain, hot, cold] = [{ item, app }, at({ LIMIT: 7 }), at({ LIMIT: 7, COLOUR: 'blue' })]
  expect(isSameLoad(plain.item, hot.item)).toBe(false)
  expect(containerKey(hot)).toBe(containerKey(plain))
  expect(containerName(hot, 'web')).toBe('skerry_dash_web_v3')
  expect(containerKey(cold)).toBe(containerKey(at({ LIMIT: 9, COLOUR: 'blue' })))
  expect(containerKey(cold)).not.toBe(containerKey(hot))
  const facts = {
    item: cold.item,
    service: 'web',
    image: 'i',
    device: 'd',
    engine: 'docker' as const,
    schema,
    settingsFolder: '/var/s',
  }
  expect(containerBody({ ...service, volumes: [] }, { ...facts, config: { LIMIT: 7, COLOUR: 'blue' } })).toMatchObject({
    Env: ['COLOUR=blue', 'SIZE=1'],
    Labels: { 'skerry.release': containerKey(cold) },
    HostConfig: { Mounts: [{ Source: '/var/s', Target: '/run/settings', ReadOnly: true }] },
  })
  expect(settingsText(schema, { COLOUR: 'blue' })).toBe('{"COLOUR":"blue","LIMIT":5}\n')
})

test('no two apps share a name in the engine', () => {
  expect(volumeName('a-b', 'c')).not.toBe(volumeName('a', 'b-c'))
  expect(imageName('d', item, fakeDigest(2))).toBe('skerry.local/d/dash:v3-000000000000')
})

test.each([
  [0, 0],
  [1, 1],
  [1_001, 2],
])('a grace of %i ms is %i s for the engine', (stopGraceMs, seconds) => {
  expect(stopSeconds({ stopGraceMs })).toBe(seconds)
})

test('a container gets exactly the parts of the device that its service names', () => {
  const access = HostAccess.parse({
    devices: [{ host: '/dev/ttyUSB0', container: '/dev/plc', rights: 'rw' }],
    gpus: { driver: 'nvidia', count: 'all' },
    runtime: 'nvidia',
    folders: [{ host: '/srv/data', target: '/in', readOnly: true }],
    capabilities: ['NET_ADMIN'],
    hostNetwork: true,
  })
  const { ports: _, volumes: __, ...plain } = service
  const body = bodyOf(item, { ...plain, access })
  expect(body).not.toHaveProperty('NetworkingConfig')
  expect(body.HostConfig).toMatchObject({
    CapDrop: ['ALL'],
    CapAdd: ['NET_ADMIN'],
    NetworkMode: 'host',
    Runtime: 'nvidia',
    Devices: [{ PathOnHost: '/dev/ttyUSB0', PathInContainer: '/dev/plc', CgroupPermissions: 'rw' }],
    DeviceRequests: [{ Driver: 'nvidia', Count: -1, Capabilities: [['gpu']] }],
    Mounts: [{ Type: 'bind', Source: '/srv/data', Target: '/in', ReadOnly: true }],
  })
  expect(bodyOf().HostConfig).not.toHaveProperty('Privileged')
})

test('a device allows each part by its word, and a folder to write is one of its own', () => {
  const app = (access: object) => ({ services: { web: { ...service, access: HostAccess.parse(access) } } })
  const read = app({ folders: [{ host: '/srv', target: '/in', readOnly: true }] })
  const write = app({ folders: [{ host: '/srv', target: '/in' }] })
  expect([refusedAccess(read, []), refusedAccess(write, ['folder:/srv'])]).toEqual(['folder:/srv', 'folder:/srv:rw'])
  expect([refusedAccess(read, ['folder:/srv:rw']), refusedAccess(write, ['folder:/srv:rw'])]).toEqual([
    undefined,
    undefined,
  ])
  expect(refusedAccess(app({ privileged: true }), ['gpu', 'network'])).toBe('privileged')
})
