/**
 * Shared identity: all hubs of a database have the same authority and the same signing key, or devices of one would refuse another. The
 * database remembers whose it is; the keys themselves never enter it. The first hub makes them, while all others wait.
 */
import { fingerprintOf } from '@skerry/platform/certificates/certificate'
import type { KeyPair } from '@skerry/platform/certificates/private-key'
import { signingKeyId } from '@skerry/platform/signatures/dsse'
import { openAuditKey } from '../audit/audit-key.ts'
import type { Store, Tx } from '../store/store.ts'
import { ONLY } from '../store/tables/hub-tables.ts'
import { type Folder, type Identity, type IdentityResult, openIdentity } from './identity.ts'

/** Also what signs the audit trail. */
export type SharedIdentity = Identity & { auditKey: KeyPair }

type SharedResult = { ok: true; identity: SharedIdentity } | Exclude<IdentityResult, { ok: true }>

/** Opens the folder of secrets, and refuses one that is not the database's. */
export function openSharedIdentity(store: Store, folder: Folder, nowMs: number): Promise<SharedResult> {
  // Files are written while the lock is held, which no other transaction does: it happens once in the life of a fleet.
  return store.transaction(async (tx) => {
    const known = await tx.selectFrom('hub_identity').selectAll().executeTakeFirst()
    const opened = await openIdentity(folder, { isNew: !known && !(await hasRecords(tx)), nowMs })
    if (!opened.ok) return opened
    const marks = marksOf(opened.identity)
    if (!known)
      await tx
        .insertInto('hub_identity')
        .values({ id: ONLY, ...marks })
        .execute()
    const isSame =
      !known ||
      (known.authority_fingerprint === marks.authority_fingerprint && known.signing_key_id === marks.signing_key_id)
    if (isSame) {
      const audit = await openAuditKey(tx, folder, nowMs)
      return audit.ok ? { ok: true, identity: { ...opened.identity, auditKey: audit.key } } : audit
    }
    const message = `authority.pem or signing-key.pem in ${folder.path} is not that of the database, whose authority is ${known.authority_fingerprint}; give every hub of a database the same --secrets`
    return { ok: false, code: 'identity_other', message }
  })
}

const marksOf = ({ authority, signing }: Identity) => ({
  authority_fingerprint: fingerprintOf(authority.certificatePem),
  signing_key_id: signingKeyId(signing.publicKeyPem),
})

const hasRecords = async (tx: Tx) =>
  (await tx.selectFrom('organisations').select('id').limit(1).executeTakeFirst()) !== undefined
