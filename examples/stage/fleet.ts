/** Fleet: a hub and agents as real processes on this machine, joined and waiting for work. */
import { X509Certificate } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { createClient, type SkerryClient } from '@skerry/client/client'
import type { Connection } from '@skerry/client/connection'
import type { SiteSpec } from '@skerry/contract/site'
import type * as z from 'zod'
import { hubAuthority } from './hub-authority.ts'
import { freePort, type LogLine, type Program, startProgram } from './program.ts'

export type HubProgram = Program & { connection: Connection; client: SkerryClient; url: string; authorityPath: string }
export type AgentProgram = Program & { device: string; restUrl: string; grpc: string }

/** Where the hub keeps its data and listens: the same after a restart, since devices know the address. */
export type HubHome = { folder: string; port: number }

export async function newHubHome(folder: string): Promise<HubHome> {
  await mkdir(folder, { recursive: true })
  return { folder, port: await freePort() }
}

/** Starts the hub, on its first day or on any other. Its certificate authority is trusted from here on, by this process only. */
export async function startHub({ folder, port }: HubHome): Promise<HubProgram> {
  const keyPath = join(folder, 'owner-key')
  const program = startProgram({
    name: 'hub',
    entry: 'apps/hub/src/main.ts',
    args: ['--data', join(folder, 'hub'), '--listen', `127.0.0.1:${port}`, '--owner-key-file', keyPath],
    logFolder: folder,
  })
  const { url, caFingerprint } = addressOf(await program.waitFor('hub_ready'))
  const authorityPath = join(folder, 'authority.pem')
  const authorityPem = await hubAuthority(url, caFingerprint)
  await writeFile(authorityPath, authorityPem)
  trust(authorityPem)
  const connection = { hub: url, key: (await readFile(keyPath, 'utf8')).trim() }
  return { ...program, url, authorityPath, connection, client: createClient(connection) }
}

export type NewDevice = { site: z.input<typeof SiteSpec>; device: string; folder: string }

/** Makes the site and a token for one device, and starts the agent that joins with it. */
export async function startAgent(hub: HubProgram, { site, device, folder }: NewDevice): Promise<AgentProgram> {
  await hub.client.site.apply(site)
  const { token } = await hub.client.token.create({ site: site.name })
  const program = startProgram({
    name: device,
    entry: 'apps/agent/src/main.ts',
    args: [
      ...['--data', join(folder, device), '--join', token, '--name', device],
      ...['--listen', `127.0.0.1:${await freePort()}`, '--grpc', `127.0.0.1:${await freePort()}`],
    ],
    logFolder: folder,
  })
  await program.waitFor('agent_ready')
  const { rest, grpc } = await program.waitFor('runner_ready')
  return { ...program, device, restUrl: String(rest), grpc: String(grpc) }
}

const addressOf = ({ url, caFingerprint }: LogLine) => ({ url: String(url), caFingerprint: String(caFingerprint) })

function trust(caPem: string): void {
  const trusted = getCACertificates('default')
  const { fingerprint256 } = new X509Certificate(caPem)
  if (trusted.some((pem) => new X509Certificate(pem).fingerprint256 === fingerprint256)) return
  setDefaultCACertificates([...trusted, caPem])
}
