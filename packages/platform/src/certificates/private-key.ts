/** Private key: P-256 keys of the hub, its devices and its signer; in PEM, on disk readable by their owner only. */
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { readIfPresent, writeAtomic } from '../files/atomic-file.ts'
import type { FileSystem } from '../files/file-system.ts'

export type KeyPair = {
  /** PKCS #8. A secret: never log it, never send it. */
  privateKeyPem: string
  /** SPKI. */
  publicKeyPem: string
}

/** Read and written by the owner, seen by nobody else. */
const OWNER_ONLY = 0o600

/** Makes a new P-256 key. */
export function generateKeyPair(): KeyPair {
  const pair = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  return { privateKeyPem: pair.privateKey, publicKeyPem: pair.publicKey }
}

/** The key pair of a private key in PEM; throws on anything else. */
export function keyPairOf(privateKeyPem: string): KeyPair {
  const publicKey = createPublicKey(createPrivateKey(privateKeyPem))
  return { privateKeyPem, publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString() }
}

/** Writes the private key durably, with mode 0600. */
export function writePrivateKey(fileSystem: FileSystem, path: string, privateKeyPem: string): Promise<void> {
  return writeAtomic(fileSystem, path, privateKeyPem, OWNER_ONLY)
}

/** The key in the file, or undefined when there is none; throws when the file is not a private key. */
export async function readKeyPair(fileSystem: FileSystem, path: string): Promise<KeyPair | undefined> {
  const bytes = await readIfPresent(fileSystem, path)
  if (!bytes) return undefined
  try {
    return keyPairOf(Buffer.from(bytes).toString('utf8'))
  } catch (cause) {
    throw new Error(`reading the private key ${path}`, { cause })
  }
}
