/**
 * Audit key: what checkpoints are signed with. Its own, so that whoever may sign models can vouch for no trail. The private key lies in the
 * folder of secrets; the database knows the public ones, so that a hub with another key, or with none, is refused.
 */
import { join } from 'node:path'
import { generateKeyPair, type KeyPair, readKeyPair, writePrivateKey } from '@skerry/platform/certificates/private-key'
import { systemCode } from '@skerry/platform/files/file-system'
import { signingKeyId } from '@skerry/platform/signatures/dsse'
import type { Folder } from '../identity/identity.ts'
import type { Db, Tx } from '../store/store.ts'

export const AUDIT_KEY_FILE = 'audit-key.pem'

export type AuditKeyResult =
  | { ok: true; key: KeyPair }
  | { ok: false; code: 'identity_missing' | 'identity_other'; message: string }

/** Reads the key, or makes it where the database has never had one: in a new hub, and in one that is older than checkpoints. */
export async function openAuditKey(tx: Tx, folder: Folder, nowMs: number): Promise<AuditKeyResult> {
  const path = join(folder.path, AUDIT_KEY_FILE)
  const [known] = await listAuditKeys(tx)
  const found = await readKeyPair(folder.fileSystem, path)
  if (!found && known) {
    const message = `${path} is missing; restore it from the backup of this folder`
    return { ok: false, code: 'identity_missing', message }
  }
  const key = found ?? generateKeyPair()
  if (!found) {
    try {
      await writePrivateKey(folder.fileSystem, path, key.privateKeyPem)
    } catch (error) {
      // A folder that only reads, such as a Kubernetes secret that is older than this key.
      const message = `${path} is missing and cannot be written (${systemCode(error)}); put a P-256 key in PEM there, such as "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256" makes`
      return { ok: false, code: 'identity_missing', message }
    }
  }
  const keyId = signingKeyId(key.publicKeyPem)
  if (known && known.key_id !== keyId) {
    const message = `${path} is not the key of the database, which is ${known.key_id}; give every hub of a database the same --secrets`
    return { ok: false, code: 'identity_other', message }
  }
  const row = { key_id: keyId, public_key_pem: key.publicKeyPem, created_at_ms: nowMs }
  if (!known) await tx.insertInto('audit_keys').values(row).execute()
  return { ok: true, key }
}

/** The present one first. */
export const listAuditKeys = (db: Db) =>
  db.selectFrom('audit_keys').selectAll().orderBy('created_at_ms', 'desc').orderBy('key_id').execute()
