/** Fleet: a real hub and real agents as processes on this machine, each of which tests may stop, kill and start again in its data folder. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type SkerryClient } from '@skerry/client/client'
import type { Connection } from '@skerry/client/connection'
import { isPassing, problemOf } from '@skerry/client/problem'
import type { DeviceDetail } from '@skerry/contract/devices/device'
import type { ItemReport } from '@skerry/contract/devices/item'
import { findPinnedAuthority } from '@skerry/platform/certificates/pinned-authority'
import { freePort } from '@skerry/testkit/free-port'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { onTestFailed } from 'vitest'
import { trustAuthority } from '../../src/program/profile.ts'
import { cli, type Outcome } from './cli.ts'
import { newService, ROOT, type Service, until } from './service.ts'

type FleetHub = Service & {
  data: string
  url: string
  client: SkerryClient
  connection: Connection & { key: string }
  /** For `SKERRY_CA_FILE`. */
  authorityPath: string
  /** Starts it again, and waits until it answers. */
  start(): Promise<void>
}

export type FleetAgent = Service & {
  data: string
  /** Where its models answer, over REST. */
  url: string
  /** Starts it, and waits until its inference server answers; the hub is not needed for it. */
  start(environment?: Record<string, string>): Promise<void>
  /** The runner that this run of the agent started last. */
  runnerPid(): number | undefined
}

export type Fleet = AsyncDisposable & {
  folder: string
  hub: FleetHub
  agents: FleetAgent[]
  /** A new device at the site, joined and running. */
  join(name: string, site?: string): Promise<FleetAgent>
  /** A new agent that would join with this token; not started. */
  newAgent(name: string, token: string, words?: readonly string[]): Promise<FleetAgent>
  /** Runs a command line as the owner, or whoever has the key. */
  cli(words: readonly string[], key?: string): Promise<Outcome>
  device(name: string): Promise<DeviceDetail>
  /** Resolves with what the device says of its only model, once that fits. */
  item(name: string, predicate: (item: ItemReport, device: DeviceDetail) => boolean): Promise<ItemReport>
}

/** For one test: starts a hub in a folder of its own. */
export async function openFleet(): Promise<Fleet> {
  const fleet = await openSharedFleet()
  tellLogsOnFailure(fleet)
  return fleet
}

/** The folders are gone when a failure is read: so it shows what everybody said last. To be called in a test, or before each. */
export function tellLogsOnFailure({ hub, agents }: Fleet): void {
  onTestFailed(({ task }) => {
    const log = [hub, ...agents].map((service) => `--- ${service.name}\n${service.tail()}`)
    task.result?.errors?.push({ name: 'logs', message: log.join('\n') })
  })
}

/** For all tests of a file; the hub is started with these words too. `root` is another copy of the sources to run hub and agents from. */
export async function openSharedFleet(hubWords: readonly string[] = [], root = ROOT): Promise<Fleet> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-fleet-'))
  const agents: FleetAgent[] = []
  const hub = await startHub(folder, hubWords, root)
  const fleet: Fleet = {
    folder,
    hub,
    agents,
    async newAgent(name, token, words = []) {
      const agent = await newAgent(folder, { name, token, words }, root)
      agents.push(agent)
      return agent
    },
    async join(name, site = 'lab') {
      await hub.client.site.apply({ name: site, kind: 'edge' })
      const { token } = await hub.client.token.create({ site })
      const agent = await fleet.newAgent(name, token)
      await agent.start()
      await agent.logged('link_up')
      return agent
    },
    cli: (words, key = hub.connection.key) =>
      cli(words, {
        env: { SKERRY_HOME: folder, SKERRY_HUB: hub.url, SKERRY_KEY: key, SKERRY_CA_FILE: hub.authorityPath },
      }),
    device: (device) => hub.client.device.get({ device }),
    async item(name, predicate) {
      let seen: DeviceDetail | undefined
      const look = async () => {
        seen = await fleet.device(name)
        const [item] = seen.items
        return item && predicate(item, seen) ? item : undefined
      }
      return until(`an item of ${name}`, look).catch((cause: unknown) => {
        throw new Error(`${name} says ${JSON.stringify(seen, undefined, 1)}`, { cause })
      })
    },
    async [Symbol.asyncDispose]() {
      for (const service of [...agents, hub]) await service.end()
      // A runner ends by itself when its control is gone, within its two seconds of grace.
      for (const { name, url } of agents) await until(`the end of the runner of ${name}`, () => isDeaf(url))
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
  return fleet
}

/** Starts it for the first time. Its authority is trusted from here on, by this process only. */
async function startHub(folder: string, words: readonly string[], root: string): Promise<FleetHub> {
  const data = join(folder, 'hub')
  const url = `https://127.0.0.1:${await freePort()}`
  const keyPath = join(folder, 'owner-key')
  const service = newService(
    'hub',
    'apps/hub/src/main.ts',
    () => ['--data', data, '--listen', new URL(url).host, '--owner-key-file', keyPath, ...words],
    root,
  )
  service.launch()
  const { caFingerprint } = await service.logged('hub_ready')
  const found = await findPinnedAuthority({ url, fingerprint: String(caFingerprint) }, AbortSignal.timeout(PATIENCE_MS))
  if (!found.ok) throw new Error(found.message)
  const authorityPath = join(folder, 'authority.pem')
  await writeFile(authorityPath, found.authorityPem)
  trustAuthority(found.authorityPem)
  const connection = { hub: url, key: (await readFile(keyPath, 'utf8')).trim() }
  return {
    ...service,
    data,
    url,
    authorityPath,
    connection,
    client: createClient(connection),
    async start() {
      service.launch()
      await service.logged('hub_ready')
    },
  }
}

type NewAgent = { name: string; token: string; words: readonly string[] }

async function newAgent(folder: string, { name, token, words }: NewAgent, root: string): Promise<FleetAgent> {
  const data = join(folder, name)
  const url = `http://127.0.0.1:${await freePort()}`
  const grpc = `127.0.0.1:${await freePort()}`
  const service = newService(
    name,
    'apps/agent/src/main.ts',
    () => ['--data', data, '--name', name, '--join', token, '--listen', new URL(url).host, '--grpc', grpc, ...words],
    root,
  )
  return {
    ...service,
    data,
    url,
    async start(environment) {
      service.launch(environment)
      await service.logged('runner_ready')
    },
    runnerPid: () => service.lines().findLast(({ event }) => event === 'runner_ready')?.runnerPid as number | undefined,
  }
}

const isDeaf = (url: string) =>
  fetch(`${url}/v2/health/live`, { headers: { connection: 'close' } }).then(
    () => undefined,
    () => true,
  )

/** Tries until the hub has answered, through kills and restarts; what the hub refuses is thrown at once. */
export async function insist<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const answer = await until('an answer of the hub', async () => {
    try {
      return { value: await ask() }
    } catch (error) {
      if (isPassing(problemOf(error))) throw error
      return { error }
    }
  })
  if ('error' in answer) throw answer.error
  return answer.value
}
