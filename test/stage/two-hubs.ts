/** Two hubs on one PostgreSQL, behind a plain TCP balancer, with a fleet of simulated devices spread over both. */
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type SkerryClient } from '@skerry/client/client'
import { freePort } from '@skerry/testkit/free-port'
import { newDatabase, type PostgresCluster, sqlOn, startPostgres } from '@skerry/testkit/postgres-cluster'
import { type HubHome, type HubProgram, startHub } from '../../examples/stage/fleet.ts'
import { type FleetStage, openFleetStage } from './simulated-fleet.ts'

export type HubPair = AsyncDisposable & {
  folder: string
  server: PostgresCluster
  hubs: [HubProgram, HubProgram]
  /** Starts one again, on its files. */
  restart(index: 0 | 1): Promise<void>
  /** The leader of the two, by the database. */
  leader(): Promise<0 | 1>
  sql(text: string): Promise<string[]>
  /** How many devices are connected to each. */
  links(): Promise<[number, number]>
  /** One of them, past the balancer. */
  clientOf(index: number): SkerryClient
  /** The address of one of them, past the balancer. */
  urlOf(index: number): string
}

export type TwoHubs = HubPair & { stage: FleetStage }

/** Starts everything; all devices are connected. */
export async function openTwoHubs(options: { devices: number; failingVersions?: readonly number[] }): Promise<TwoHubs> {
  await using stack = new AsyncDisposableStack()
  const pair = stack.use(await openHubPair())
  const stage = stack.use(await openFleetStage({ ...options, hub: pair.hubs[0] }))
  const resources = stack.move()
  return { ...pair, stage, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

/** Starts the two hubs, and the services around them. `more` are further arguments of each hub. */
export async function openHubPair(more: readonly [string[], string[]] = [[], []]): Promise<HubPair> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'skerry-two-hubs-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const server = stack.use(await startPostgres())
  const url = await newDatabase(server.url)
  const ports: [number, number] = [await freePort(), await freePort()]
  const balancer = stack.use(await openBalancer(ports))
  const homes = ports.map((port, index) =>
    homeOf({ folder, port, name: `hub${index}`, url, balancer: balancer.port, more: more[index] ?? [] }),
  )
  await shareBlobs(folder, homes)
  const [home0, home1] = homes as [HubHome, HubHome]
  const [first, second] = await Promise.all([startHub(home0), startHub(home1)])
  const hubs: [HubProgram, HubProgram] = [first, second]
  stack.defer(async () => void (await Promise.all(hubs.map((hub) => hub.stop()))))
  const urlOf = (index: number) => `https://127.0.0.1:${ports[index] ?? 0}`
  const clientOf = (index: number) => createClient({ ...first.connection, hub: urlOf(index) })
  const linksOf = async (index: number) => (await clientOf(index).hub.health({})).link.connections
  const resources = stack.move()
  return {
    folder,
    server,
    hubs,
    clientOf,
    urlOf,
    async restart(index) {
      hubs[index] = await startHub(homes[index] as HubHome)
    },
    async leader() {
      const [name] = await sqlOn(url, 'select hub_id from hub_leader')
      const ids = await Promise.all(hubs.map(async (hub) => (await hub.waitFor('hub_ready')).hubId))
      return ids.indexOf(name) === 0 ? 0 : 1
    },
    sql: (text) => sqlOn(url, text),
    links: () => Promise.all([linksOf(0), linksOf(1)]),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

type Place = { folder: string; port: number; name: string; url: string; balancer: number; more: readonly string[] }

/** Own data, shared secrets; both are called by the balancer's address. */
const homeOf = ({ folder, port, name, url, balancer, more }: Place): HubHome => ({
  folder: join(folder, name),
  port,
  args: ['--secrets', join(folder, 'secrets'), '--public-url', `https://127.0.0.1:${balancer}`, ...more],
  ownerKeyPath: join(folder, 'owner-key'),
  env: { DATABASE_URL: url },
})

/** A folder that both see, as a network's file system would be. */
async function shareBlobs(folder: string, homes: readonly HubHome[]): Promise<void> {
  await mkdir(join(folder, 'blobs'))
  for (const home of homes) {
    await mkdir(join(home.folder, 'hub'), { recursive: true })
    await symlink(join(folder, 'blobs'), join(home.folder, 'hub', 'blobs'))
  }
}

/** Distributes connections; if one hub does not take a connection, the next one gets it. */
export async function openBalancer(ports: readonly number[]): Promise<AsyncDisposable & { port: number }> {
  const sockets = new Set<Socket>()
  let turn = 0
  const forward = (client: Socket, triesLeft: number) => {
    const port = ports[turn++ % ports.length] ?? 0
    const hub = connect(port, '127.0.0.1')
    hub.once('connect', () => {
      sockets.add(hub)
      client.pipe(hub).pipe(client)
      client.on('close', () => hub.destroy())
      hub.on('close', () => {
        sockets.delete(hub)
        client.destroy()
      })
    })
    hub.on('error', () => {
      if (hub.connecting || !sockets.has(hub))
        return triesLeft > 0 ? forward(client, triesLeft - 1) : void client.destroy()
      client.destroy()
    })
  }
  const server = createServer((client) => {
    sockets.add(client)
    client.on('error', () => client.destroy())
    client.on('close', () => sockets.delete(client))
    forward(client, ports.length - 1)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
