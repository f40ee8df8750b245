import { fakeDigest } from '@skerry/testkit/simulation/desired-item'
import { expect, test } from 'vitest'
import { appAccess } from './app-access.ts'
import { type LintOptions, lintCompose, withImages } from './lint-compose.ts'

const lint = (service: object, top: object = {}, options: LintOptions = {}) =>
  lintCompose({ services: { web: { image: 'web:1', ...service } }, ...top }, options)

const found = (...args: Parameters<typeof lint>) =>
  lint(...args).problems.map(({ path, code }) => `${code} ${path.join('.')}`)

const platform = { os: 'linux', architecture: 'amd64' } as const
const images = new Map([['web:1', { manifest: fakeDigest(1), config: fakeDigest(2), platform }]])

const REACH = {
  devices: ['/dev/ttyUSB0', '/dev/dri/card0:/dev/dri/card1:rw'],
  gpus: 'all',
  cap_add: ['CAP_NET_ADMIN'],
  privileged: true,
  volumes: ['/srv/data:/data:ro', { type: 'bind', source: '/srv/out', target: '/out' }, 'own:/own'],
}

test('fields that reach into the device are read only if the person says so', () => {
  const top = { volumes: { own: null } }
  expect(found(REACH, top).map((each) => each.split(' ')[0])).toEqual(Array.from({ length: 6 }, () => 'host_access'))
  const { draft, problems } = lint(REACH, top, { mayReach: true })
  expect(problems).toEqual([])
  expect(draft.services.web).toMatchObject({
    volumes: [{ name: 'own', target: '/own' }],
    access: {
      devices: [
        { host: '/dev/ttyUSB0', container: '/dev/ttyUSB0', rights: 'rwm' },
        { host: '/dev/dri/card0', container: '/dev/dri/card1', rights: 'rw' },
      ],
      gpus: { count: 'all' },
      folders: [
        { host: '/srv/data', target: '/data', readOnly: true },
        { host: '/srv/out', target: '/out' },
      ],
      capabilities: ['NET_ADMIN'],
      privileged: true,
    },
  })
  const made = withImages(draft, images)
  expect(made.ok && appAccess(made.app)).toEqual([
    'privileged',
    'gpu',
    'device:/dev/ttyUSB0',
    'device:/dev/dri/card0',
    'folder:/srv/data',
    'folder:/srv/out:rw',
    'capability:NET_ADMIN',
  ])
})

test('a request for GPUs has the forms of Compose', () => {
  const access = (service: object) => lint(service, {}, { mayReach: true }).draft.services.web?.access
  const reserved = (request: object) => ({ deploy: { resources: { reservations: { devices: [request] } } } })
  expect(access(reserved({ driver: 'nvidia', count: 1, capabilities: ['gpu'] }))).toEqual({
    gpus: { driver: 'nvidia', count: 1 },
  })
  expect(access({ gpus: [{ device_ids: ['0', '3'] }], runtime: 'nvidia' })).toEqual({
    gpus: { ids: ['0', '3'] },
    runtime: 'nvidia',
  })
  expect(access({ network_mode: 'host' })).toEqual({ hostNetwork: true })
})

test.each([
  ['the socket of the engine', { volumes: ['/var/run/docker.sock:/s'] }, 'host_access services.web.volumes.0'],
  ['all files of the device', { volumes: ['/:/host'] }, 'value_invalid services.web.volumes'],
  ['a path that climbs', { volumes: ['/srv/../etc:/data'] }, 'value_invalid services.web.volumes'],
  ['a mount over /proc', { volumes: ['/srv:/proc'] }, 'host_access services.web.volumes.0'],
  ['a device file elsewhere', { devices: ['/etc/shadow'] }, 'value_invalid services.web.devices'],
  ['all capabilities', { cap_add: ['ALL'] }, 'value_invalid services.web.cap_add'],
  ['another runtime', { runtime: 'runc' }, 'value_invalid services.web.runtime'],
  ['a request for no GPU', reservedFor(['tpu']), 'field_unsupported'],
  [
    'a reservation of memory',
    { deploy: { resources: { reservations: { memory: '1G' } } } },
    'field_unsupported services.web.deploy.resources.reservations.memory',
  ],
  ['processes of the device', { pid: 'host' }, 'host_access services.web.pid'],
  [
    'ports in the network of the device',
    { network_mode: 'host', ports: ['80:80'] },
    'value_invalid services.web.ports',
  ],
])('%s stays rejected', (_what, service, problem) => {
  expect(found(service, {}, { mayReach: true }).join('\n')).toContain(problem)
})

function reservedFor(capabilities: string[]): object {
  return { deploy: { resources: { reservations: { devices: [{ capabilities }] } } } }
}
