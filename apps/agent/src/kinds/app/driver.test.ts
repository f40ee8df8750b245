import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App } from '@skerry/contract/apps/app'
import { containerKey, LABELS, networkName } from '@skerry/core/apps/container-body'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { digestOf } from '@skerry/platform/files/hash'
import { systemClock } from '@skerry/platform/process/clock'
import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { until } from '@skerry/testkit/until'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openAppDriver } from './driver.ts'

const item = buildDesiredItem({ kind: 'app', name: 'web', version: 1 })
const image = digestOf(Buffer.from('image'))
const app = App.parse({
  v: 1,
  services: {
    page: {
      image,
      imageId: image,
      imageName: 'test/page:1',
      platform: { os: 'linux', architecture: 'amd64' },
      restart: 'no',
      stopGraceMs: 0,
      resources: { memoryBytes: 32 * 1024 ** 2, cpus: 1, pids: 32 },
    },
  },
})

let folder = ''
let stop = new AbortController()
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-apps-'))
  stop = new AbortController()
})
afterEach(async () => {
  stop.abort()
  await rm(folder, { recursive: true, force: true })
})

/** An engine with one container and its network. It refuses the first removals of each thing. */
async function startEngine(refusals: number) {
  const things = new Set(['/containers/c1', `/networks/${networkName('web')}`])
  const left = new Map([...things].map((path) => [path, refusals]))
  let events: ServerResponse | undefined
  const labels = { [LABELS.release]: containerKey({ item, app }), [LABELS.service]: 'page', [LABELS.app]: 'web' }
  const inspected = {
    Id: 'c1',
    Name: '/page',
    RestartCount: 0,
    State: { Status: 'exited', ExitCode: 0 },
    Config: { Labels: labels },
    HostConfig: { Memory: 0 },
  }
  const answers: Record<string, () => object> = {
    '/version': () => ({ Version: '28.0.0', ApiVersion: '1.45', Arch: 'amd64' }),
    '/containers/json': () => (things.has('/containers/c1') ? [{ Id: 'c1', Names: ['/page'], Labels: labels }] : []),
    '/containers/c1/json': () => inspected,
    '/images/json': () => [],
    '/networks': () => (things.has(`/networks/${networkName('web')}`) ? [{ Name: networkName('web') }] : []),
  }
  const remove = (path: string, response: ServerResponse) => {
    const again = left.get(path) ?? 0
    left.set(path, again - 1)
    if (again > 0) {
      response.writeHead(500).end('{"message":"device or resource busy"}')
      return
    }
    things.delete(path)
    response.writeHead(204).end()
  }
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://engine').pathname.replace(/^\/v[0-9.]+/, '')
    if (path === '/events') {
      events = response.writeHead(200)
      events.flushHeaders()
      return
    }
    if (request.method === 'DELETE') {
      remove(path, response)
      return
    }
    const answer = answers[path]
    if (answer) response.end(JSON.stringify(answer()))
    else response.writeHead(404).end('{"message":"no such thing"}')
  })
  const socket = join(folder, 'engine.sock')
  await once(server.listen(socket), 'listening')
  stop.signal.addEventListener('abort', () => {
    server.closeAllConnections()
    server.close()
  })
  return { socket, things, stir: () => events?.write('{"Action":"update","Actor":{"ID":"c1"}}\n') }
}

/** A driver that has the release on its disk, connected to the engine. */
async function startDriver(engineSocket: string) {
  const own = join(folder, 'driver')
  await mkdir(join(own, 'releases'), { recursive: true })
  await writeFile(join(own, 'releases', 'one.json'), JSON.stringify({ item, app, isProven: false }))
  const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
  const driver = openAppDriver({
    runner: {} as never,
    files: {} as never,
    folder: own,
    engineSocket,
    statesFolder: join(folder, 'states'),
    apps: { dataFolderOf: async () => undefined, repositoryFolderOf: async () => undefined } as never,
    fileSystem: nodeFileSystem,
    clock: systemClock,
    log,
    signal: stop.signal,
    onChange() {},
  })
  await until(() => driver.isCapable?.() || undefined, { what: 'the driver to connect', everyMs: 10 })
  return driver
}

test.each(['unload', 'deactivate'] as const)(
  '%s: a removal that the engine refuses is tried again until nothing is left',
  async (order) => {
    const { socket, things, stir } = await startEngine(2)
    const driver = await startDriver(socket)
    const answer = await (order === 'unload' ? driver.unload(item) : driver.deactivate('web'))
    expect(answer).toMatchObject({ ok: false, code: 'engine_refused' })
    expect([...things]).toContain('/containers/c1')
    // The engine stays connected, and each look at it tries again.
    await until(() => stir() && things.size === 0, { what: 'the rests to go', everyMs: 50 })
    expect(driver.isCapable?.()).toBe(true)
  },
)
