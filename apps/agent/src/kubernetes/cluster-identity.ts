/**
 * Cluster identity: the name of this agent in the labels of its objects, the token of its pods, and the certificate of
 * the server from which they fetch files. It is created once and kept: another token would start all pods again.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import {
  type Credentials,
  createAuthority,
  issueServerCertificate,
} from '@skerry/platform/certificates/certificate-authority'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import * as z from 'zod'

export type ClusterIdentity = { device: string; token: string; authorityPem: string; server: Credentials }

/** In milliseconds. A server certificate is valid for two years. Pods trust the authority, so that it can change. */
const SERVER_RENEWAL_MS = 365 * 86_400_000

const Pair = z.object({ certificatePem: z.string(), privateKeyPem: z.string() })
const Stored = z.object({
  device: z.string().regex(/^[0-9a-f]{12}$/),
  token: z.string().min(32),
  authority: Pair,
  server: Pair.extend({ host: z.string(), issuedAtMs: z.number() }),
})
type Stored = z.infer<typeof Stored>

/** `host` is the name or address under which the pods reach the agent. The file is readable by the agent alone. */
export async function openClusterIdentity(
  { fileSystem, folder, host }: { fileSystem: FileSystem; folder: string; host: string },
  nowMs: number,
): Promise<ClusterIdentity> {
  const path = join(folder, 'identity.json')
  const bytes = await fileSystem.readFile(path)
  const known = bytes && parseStored(bytes)
  // Another identity could not touch the objects of this one.
  if (bytes && !known)
    throw new Error(`${path} is damaged; restore it, or remove it and the objects with the old label`)
  const stored = await renewed(known ?? (await newIdentity(host, nowMs)), host, nowMs)
  if (stored !== known) {
    await fileSystem.makeFolder(folder)
    await writeAtomic(fileSystem, path, JSON.stringify(stored))
  }
  const { device, token, authority, server } = stored
  return { device, token, authorityPem: authority.certificatePem, server }
}

/** The name of this agent in the labels of its objects; undefined if it never had a cluster. */
export async function readClusterDevice(fileSystem: FileSystem, folder: string): Promise<string | undefined> {
  const bytes = await fileSystem.readFile(join(folder, 'identity.json'))
  return bytes && parseStored(bytes)?.device
}

/** Undefined if it is damaged. The words of the parser could quote the token or a key. */
function parseStored(bytes: Uint8Array): Stored | undefined {
  try {
    return Stored.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data
  } catch {
    return undefined
  }
}

async function newIdentity(host: string, nowMs: number): Promise<Stored> {
  const authority = await createAuthority({ commonName: 'Skerry agent files', nowMs })
  const server = await issueServerCertificate(authority, { names: [host], nowMs })
  const device = randomBytes(6).toString('hex')
  const token = randomBytes(32).toString('base64url')
  return { device, token, authority, server: { ...server, host, issuedAtMs: nowMs } }
}

async function renewed(stored: Stored, host: string, nowMs: number): Promise<Stored> {
  if (stored.server.host === host && nowMs - stored.server.issuedAtMs < SERVER_RENEWAL_MS) return stored
  const server = await issueServerCertificate(stored.authority, { names: [host], nowMs })
  return { ...stored, server: { ...server, host, issuedAtMs: nowMs } }
}
