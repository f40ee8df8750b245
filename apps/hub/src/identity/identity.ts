/**
 * Identity: the hub's own keys and certificates, in its data folder, or in one that all hubs of a database share. Each key lies in one file together with its certificate, readable by
 * its owner only, so that after a crash both are there or neither.
 */
import { join } from 'node:path'
import { isDueForRenewal } from '@skerry/core/joining/certificate-life'
import { isIssuedBy, parseCertificate } from '@skerry/platform/certificates/certificate'
import {
  type Credentials,
  createAuthority,
  issueServerCertificate,
} from '@skerry/platform/certificates/certificate-authority'
import { generateKeyPair, type KeyPair, readKeyPair, writePrivateKey } from '@skerry/platform/certificates/private-key'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'

export type Folder = { fileSystem: FileSystem; path: string }

export type Identity = { authority: Credentials; signing: KeyPair }

export type IdentityResult =
  | { ok: true; identity: Identity }
  | { ok: false; code: 'identity_missing' | 'identity_other'; message: string }

const OWNER_ONLY = 0o600

/**
 * Reads the authority and the signing key, or makes them when `isNew`. A folder that has records but no authority is refused: a new one
 * would lock out every device, and nobody would know why.
 */
export async function openIdentity(
  folder: Folder,
  { isNew, nowMs }: { isNew: boolean; nowMs: number },
): Promise<IdentityResult> {
  const authorityPath = join(folder.path, 'authority.pem')
  const signingPath = join(folder.path, 'signing-key.pem')
  const authority = await readCredentials(folder.fileSystem, authorityPath)
  const signing = await readKeyPair(folder.fileSystem, signingPath)
  if (authority && signing) return { ok: true, identity: { authority, signing } }
  if (!isNew) {
    const missing = authority ? signingPath : authorityPath
    return {
      ok: false,
      code: 'identity_missing',
      message: `${missing} is missing; restore it from the backup of this folder`,
    }
  }
  const made = authority ?? (await createAuthority({ commonName: 'Skerry hub', nowMs }))
  if (!authority) await writeCredentials(folder.fileSystem, authorityPath, made)
  const key = signing ?? generateKeyPair()
  if (!signing) await writePrivateKey(folder.fileSystem, signingPath, key.privateKeyPem)
  return { ok: true, identity: { authority: made, signing: key } }
}

export type ServerNames = readonly [string, ...string[]]

type ServerWish = {
  credentials: Credentials
  /** Shown along with it: whoever is new finds in it what it pins. */
  chain: readonly string[]
  names: ServerNames
  nowMs: number
}

const withChain = ({ certificatePem, privateKeyPem }: Credentials, chain: readonly string[]): Credentials => ({
  certificatePem: certificatePem + chain.join(''),
  privateKeyPem,
})

/** The server's certificate: the one in the folder while it has the names, is of the authority and not due; else a new one. */
export async function openServerCredentials(
  folder: Folder,
  { credentials: authority, chain, names, nowMs }: ServerWish,
): Promise<Credentials> {
  const path = join(folder.path, 'server.pem')
  const namesPath = join(folder.path, 'server-names.json')
  const current = await readCredentials(folder.fileSystem, path)
  const currentNames = await readIfPresent(folder.fileSystem, namesPath)
  const life = current && parseCertificate(current.certificatePem)
  const wanted = JSON.stringify(names)
  const isWanted = currentNames !== undefined && Buffer.from(currentNames).toString('utf8') === wanted
  const isOfAuthority = current && isIssuedBy(current.certificatePem, authority.certificatePem)
  if (current && life && isWanted && isOfAuthority && !isDueForRenewal(life, nowMs)) return withChain(current, chain)
  const issued = await issueServerCertificate(authority, { names, nowMs })
  await writeCredentials(folder.fileSystem, path, issued)
  await writeAtomic(folder.fileSystem, namesPath, wanted)
  return withChain(issued, chain)
}

const PRIVATE_KEY = /-----BEGIN PRIVATE KEY-----[\s\S]+?-----END PRIVATE KEY-----\n?/
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----\n?/

async function readCredentials(fileSystem: FileSystem, path: string): Promise<Credentials | undefined> {
  const bytes = await readIfPresent(fileSystem, path)
  if (!bytes) return undefined
  const text = Buffer.from(bytes).toString('utf8')
  const [privateKeyPem] = PRIVATE_KEY.exec(text) ?? []
  const [certificatePem] = CERTIFICATE.exec(text) ?? []
  if (!privateKeyPem || !certificatePem) throw new Error(`${path} does not hold a private key and a certificate`)
  return { privateKeyPem, certificatePem }
}

const writeCredentials = (fileSystem: FileSystem, path: string, { privateKeyPem, certificatePem }: Credentials) =>
  writeAtomic(fileSystem, path, privateKeyPem + certificatePem, OWNER_ONLY)
