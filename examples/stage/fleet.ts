/** Fleet: a hub and agents as real processes on this machine, joined and waiting for work. */
import { X509Certificate } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { createClient, type SkerryClient } from '@skerry/client/client'
import type { Connection } from '@skerry/client/connection'
import type { SiteSpec } from '@skerry/contract/sites/site'
import { freePort } from '@skerry/testkit/free-port'
import type { LogLine } from '@skerry/testkit/log-line'
import type * as z from 'zod'
import { hubAuthority } from './hub-authority.ts'
import { type Program, startProgram } from './program.ts'

export type HubProgram = Program & { connection: Connection; client: SkerryClient; url: string; authorityPath: string }
export type AgentProgram = Program & {
  device: string
  restUrl: string
  grpc: string
  /** The same device, from its files on disk; by the program of another build, if one is named. */
  again(entry?: string): Promise<AgentProgram>
}

const AGENT = 'apps/agent/src/main.ts'

/** The hub's data folder and port: the same after a restart, since devices know the address. */
export type HubHome = {
  folder: string
  port: number
  /** For hubs that share something: further arguments, and the path of the owner's key. */
  args?: readonly string[]
  env?: NodeJS.ProcessEnv
  ownerKeyPath?: string
  /** Loopback, if it is absent. */
  host?: string
  under?: readonly string[]
  /** The program of another build, from the root of this checkout. */
  entry?: string
}

export async function newHubHome(folder: string): Promise<HubHome> {
  await mkdir(folder, { recursive: true })
  return { folder, port: await freePort() }
}

/**
 * Starts the hub, on its first day or on any other. Its certificate authority is trusted from here on, by this process
 * only.
 */
export async function startHub(home: HubHome): Promise<HubProgram> {
  const { folder, port, args = [], env = {}, ownerKeyPath, host = '127.0.0.1', under = [] } = home
  const keyPath = ownerKeyPath ?? join(folder, 'owner-key')
  const own = ['--data', join(folder, 'hub'), '--listen', `${host}:${port}`, '--owner-key-file', keyPath]
  const program = startProgram({
    name: 'hub',
    entry: home.entry ?? 'apps/hub/src/main.ts',
    args: [...own, ...args],
    env,
    logFolder: folder,
    under,
  })
  const { url, caFingerprint } = addressOf(await orKill(program, () => program.waitFor('hub_ready')))
  const authorityPath = join(folder, 'authority.pem')
  const authorityPem = await hubAuthority(url, caFingerprint)
  await writeFile(authorityPath, authorityPem)
  trust(authorityPem)
  const connection = { hub: url, key: (await readFile(keyPath, 'utf8')).trim() }
  return { ...program, url, authorityPath, connection, client: createClient(connection) }
}

export type NewDevice = {
  site: z.input<typeof SiteSpec>
  device: string
  folder: string
  options?: readonly string[]
  under?: readonly string[]
  /** The program of another build, from the root of this checkout. */
  entry?: string
}

/** Makes the site and a token for one device, and starts the agent that joins with it. */
export async function startAgent(hub: HubProgram, { site, ...place }: NewDevice): Promise<AgentProgram> {
  await hub.client.site.apply(site)
  const { token } = await hub.client.token.create({ site: site.name })
  return joinAgent({ ...place, token })
}

type JoiningDevice = Omit<NewDevice, 'site'> & { token: string }

/** Starts an agent that joins with the token. */
export async function joinAgent({ token, device, folder, options = [], under = [], entry = AGENT }: JoiningDevice) {
  const args = [
    '--data',
    join(folder, device),
    '--name',
    device,
    '--listen',
    `127.0.0.1:${await freePort()}`,
    '--grpc',
    `127.0.0.1:${await freePort()}`,
    ...options,
  ]
  return runAgent(device, { folder, args, joining: ['--join', token], under, entry })
}

type AgentRun = {
  folder: string
  args: readonly string[]
  joining: readonly string[]
  under: readonly string[]
  entry: string
}

async function runAgent(device: string, { folder, args, joining, under, entry }: AgentRun): Promise<AgentProgram> {
  // Shells on the device do not read the start files of the person who runs the tests.
  const env = { HOME: join(folder, device) }
  const program = startProgram({ name: device, entry, args: [...args, ...joining], env, logFolder: folder, under })
  await orKill(program, () => program.waitFor('agent_ready'))
  const { rest, grpc } = await orKill(program, () => program.waitFor('runner_ready'))
  const again = (build = entry) => runAgent(device, { folder, args, joining: [], under, entry: build })
  return { ...program, device, restUrl: String(rest), grpc: String(grpc), again }
}

/** A program that hangs must not keep the example from ending with the reason. */
async function orKill<T>(program: Program, ready: () => Promise<T>): Promise<T> {
  try {
    return await ready()
  } catch (error) {
    await program.kill()
    throw error
  }
}

const addressOf = ({ url, caFingerprint }: LogLine) => ({ url: String(url), caFingerprint: String(caFingerprint) })

function trust(caPem: string): void {
  const trusted = getCACertificates('default')
  const { fingerprint256 } = new X509Certificate(caPem)
  if (trusted.some((pem) => new X509Certificate(pem).fingerprint256 === fingerprint256)) return
  setDefaultCACertificates([...trusted, caPem])
}
