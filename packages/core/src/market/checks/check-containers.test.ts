import { App } from '@skerry/contract/apps/app'
import type { ListingPermission } from '@skerry/contract/market/listing'
import { expect, test } from 'vitest'
import { judgeContainers } from './check-containers.ts'
import { attemptsIn, openPorts, type RehearsedApp, strayPaths } from './container-facts.ts'

const digest = `sha256:${'0'.repeat(64)}` as const
const SERVICE = {
  image: digest,
  imageName: 'web:1',
  imageId: digest,
  platform: { os: 'linux', architecture: 'amd64' },
  resources: { memoryBytes: 32 * 1_048_576, cpus: 1, pids: 32 },
  restart: 'always',
  stopGraceMs: 0,
}
const ports = [{ host: 8080, container: 80, protocol: 'tcp', address: '127.0.0.1' }]
const app = App.parse({ v: 1, services: { web: { ...SERVICE, ports }, db: SERVICE } })

const RUN: RehearsedApp = {
  item: 'page',
  app,
  ports: ['80/tcp'],
  attempts: 0,
  written: [],
  memoryBytes: 1_048_576,
  processors: 0.01,
  processes: 3,
}
const asks = (access: ListingPermission['access'], target: string): ListingPermission => ({
  access,
  target,
  purpose: 'a purpose of some words',
})
const judged = (run: Partial<RehearsedApp>, ...asked: ListingPermission[]) =>
  judgeContainers({ ok: true, apps: [{ ...RUN, ...run }] }, asked)

test('an honest app has no findings, and facts that each repetition has', () => {
  expect(judged({})).toEqual({
    facts: { apps: 1, ports: '80/tcp', written: 0 },
    measured: { processes: 3, attempts: 0 },
    findings: [],
  })
})

test.each<[string, Partial<RehearsedApp>, ListingPermission, string]>([
  [
    'listens at another port',
    { ports: ['80/tcp', '5432/tcp'] },
    asks('port', 'db:5432/tcp'),
    'page listens at 5432/tcp, and the listing does not ask for it',
  ],
  [
    'calls out',
    { attempts: 2 },
    asks('egress', 'example.org:443'),
    'page tried 2 times to reach a network, and the listing asks for no egress',
  ],
])('an app that %s fails, unless the listing asks for it', (_, run, permission, finding) => {
  expect(judged(run).findings).toEqual([finding])
  expect(judged(run, permission).findings).toEqual([])
})

test('a written file, and a container that does not come up, fail with the fact', () => {
  expect(judged({ written: [{ service: 'db', path: '/etc/motd' }] }).findings).toEqual([
    'page: db wrote /etc/motd, which is on no volume and no tmpfs',
  ])
  expect(judged({ trouble: 'web ended with exit code 1' }).findings).toEqual(['page: web ended with exit code 1'])
})

test('without an engine nothing is proven', () => {
  expect(judgeContainers({ ok: false, reason: 'no engine answers' }, [])).toMatchObject({ result: 'WARNED' })
})

/** Of `/proc/PID/net/tcp` and `tcp6`, as Linux 6 writes them, with the columns that are read. */
const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1
   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2
   2: 0200000A:C350 0100000A:0050 01 00000000:00000000 00:00000000 00000000     0        0 3
   0: 00000000000000000000000000000000:1538 00000000000000000000000000000000:0000 0A 00000000:00000000
   1: 00000000000000000000000001000000:1F91 00000000000000000000000000000000:0000 0A 00000000:00000000
   2: 0000000000000000FFFF00000100007F:1F92 00000000000000000000000000000000:0000 0A 00000000:00000000`

test('only sockets that wait on another address than loopback are open ports', () => {
  expect(openPorts('tcp', TCP)).toEqual(['80/tcp', '5432/tcp'])
  expect(openPorts('udp', '   0: 00000000:0035 00000000:0000 07 00000000:00000000')).toEqual(['53/udp'])
})

test('the kernel counts packets without a route, also those of IPv6', () => {
  const snmp = 'Ip: Forwarding OutNoRoutes OutDiscards\nIp: 2 3 4\nIcmp: InMsgs\nIcmp: 1'
  expect(attemptsIn(snmp, 'Ip6InReceives 9\nIp6OutNoRoutes                  2\n')).toBe(5)
  expect(attemptsIn(snmp, '')).toBe(3)
})

test('the deepest changed paths count, without volumes, tmpfs and the folders of the engine', () => {
  const mounts = { volumes: [{ name: 'kept', target: '/var/lib/kept' }], tmpfs: ['/tmp'] }
  const changed = ['/var', '/var/lib', '/var/lib/kept', '/tmp/x', '/run', '/run/secrets', '/etc', '/etc/motd']
  expect(strayPaths(mounts, changed)).toEqual(['/etc/motd'])
  expect(strayPaths({}, ['/var', '/var/log', '/var/log/a'])).toEqual(['/var/log/a'])
})
