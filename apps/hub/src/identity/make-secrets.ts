/**
 * Make secrets: the keys that all hubs of a database share, made before there is any hub, for whoever keeps them in a vault or mounts them into
 * containers. All or nothing: half a set with new halves would be a fleet that trusts nobody.
 */
import { join } from 'node:path'
import { fingerprintOf } from '@skerry/platform/certificates/certificate'
import { generateKeyPair, writePrivateKey } from '@skerry/platform/certificates/private-key'
import { readIfPresent } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import { AUDIT_KEY_FILE } from '../audit/audit-key.ts'
import { fileSource } from '../encryption/key-source.ts'
import { openIdentity } from './identity.ts'

export type MakeSecrets = {
  fileSystem: FileSystem
  path: string
  /** Whether the encryption key is to come from elsewhere: a program, a file or the environment. */
  hasEncryptionKey: boolean
  nowMs: number
}

export type MadeSecrets =
  | { ok: true; isNew: boolean; files: readonly string[]; caFingerprint: string }
  | { ok: false; code: 'identity_missing'; message: string }

/** The last is written last: a set that has it is whole. */
const FILES = ['authority.pem', 'signing-key.pem', 'encryption-key', AUDIT_KEY_FILE]

/** Makes them in the folder; where all of them are there already, nothing is done. */
export async function makeSecrets({ fileSystem, path, hasEncryptionKey, nowMs }: MakeSecrets): Promise<MadeSecrets> {
  const files = FILES.filter((file) => file !== 'encryption-key' || !hasEncryptionKey)
  const found: string[] = []
  for (const file of files) if (await readIfPresent(fileSystem, join(path, file))) found.push(file)
  const isNew = found.length === 0
  if (!isNew && found.length < files.length) {
    const missing = files.filter((file) => !found.includes(file)).join(', ')
    const message = `${path} has ${found.join(', ')} but not ${missing}; restore the backup of this folder, or name an empty one`
    return { ok: false, code: 'identity_missing', message }
  }
  await fileSystem.makeFolder(path)
  const opened = await openIdentity({ fileSystem, path }, { isNew, nowMs })
  if (!opened.ok) return { ok: false, code: 'identity_missing', message: opened.message }
  if (isNew) {
    if (!hasEncryptionKey) await fileSource(fileSystem, join(path, 'encryption-key'), true).make?.()
    await writePrivateKey(fileSystem, join(path, AUDIT_KEY_FILE), generateKeyPair().privateKeyPem)
  }
  return { ok: true, isNew, files, caFingerprint: fingerprintOf(opened.identity.authority.certificatePem) }
}
