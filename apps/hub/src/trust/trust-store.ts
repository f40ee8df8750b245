/**
 * Trust store: signing keys, rules and signatures as records. The key in the hub's folder of secrets is the first one
 * of every organisation. It gets a row at the first change.
 */

import type { SigstoreBundle } from '@skerry/contract/models/signature'
import {
  type SigningKey,
  SigningKeyId,
  type TrustDocument,
  type TrustPolicy,
  type TrustRule,
} from '@skerry/contract/models/trust'
import type { OrganisationId, VersionId } from '@skerry/contract/values/ids'
import type { KeyPair } from '@skerry/platform/certificates/private-key'
import { signingKeyId } from '@skerry/platform/signatures/dsse'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { SigningKeyTable, VersionSignatureTable } from '../store/tables/access/trust-tables.ts'
import { policyOf } from './policy-row-store.ts'

/** The organisation of the keys, and the first key. */
export type Keys = { organisationId: OrganisationId; first: KeyPair }

/** The name of the first key in every organisation. */
export const FIRST_KEY = 'hub'

/** All keys, the oldest first. */
export async function signingKeys(db: Db, { organisationId, first }: Keys): Promise<SigningKeyTable[]> {
  const rows = await db
    .selectFrom('signing_keys')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .orderBy('created_at_ms')
    .orderBy('key_id')
    .execute()
  const own = firstRow({ organisationId, first })
  return rows.some(({ key_id }) => key_id === own.key_id) ? rows : [own, ...rows]
}

const firstRow = ({ organisationId, first }: Keys): SigningKeyTable => ({
  organisation_id: organisationId,
  key_id: SigningKeyId.parse(signingKeyId(first.publicKeyPem)),
  name: FIRST_KEY,
  kind: 'hub',
  state: 'active',
  public_key_pem: first.publicKeyPem,
  private_key: null,
  created_at_ms: 0,
  created_by: 'hub',
  changed_at_ms: null,
  changed_by: null,
  reason: null,
})

/** Inserts the key, or replaces its row. */
export async function saveSigningKey(tx: Tx, row: SigningKeyTable): Promise<void> {
  const { organisation_id: _, key_id: __, ...rest } = row
  await tx
    .insertInto('signing_keys')
    .values(row)
    .onConflict((conflict) => conflict.columns(['organisation_id', 'key_id']).doUpdateSet(rest))
    .execute()
}

export function signingKeyOf(row: SigningKeyTable, versions: number): SigningKey {
  return {
    keyId: row.key_id,
    name: row.name,
    kind: row.kind,
    state: row.state,
    publicKeyPem: row.public_key_pem,
    versions,
    // The first key has no date of its own, because it is as old as the hub.
    ...(row.created_at_ms > 0 && { createdAtMs: row.created_at_ms, createdBy: row.created_by }),
    ...(row.changed_at_ms !== null && { changedAtMs: row.changed_at_ms }),
    ...(row.changed_by !== null && { changedBy: row.changed_by }),
    ...(row.reason !== null && { reason: row.reason }),
  }
}

/** The number of versions that have a signature of each key. */
export async function countSigned(db: Db, organisationId: OrganisationId): Promise<Map<string, number>> {
  const versions = await db
    .selectFrom('versions')
    .select('bundle')
    .where('organisation_id', '=', organisationId)
    .execute()
  const extra = await db
    .selectFrom('version_signatures')
    .innerJoin('versions', 'versions.id', 'version_signatures.version_id')
    .select('version_signatures.key_id')
    .where('versions.organisation_id', '=', organisationId)
    .execute()
  const ids = [...versions.map(({ bundle }) => signerOf(fromJson(bundle))), ...extra.map(({ key_id }) => key_id)]
  const counts = new Map<string, number>()
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1)
  return counts
}

export const signerOf = (bundle: SigstoreBundle): string => bundle.verificationMaterial.publicKey.hint

/** The rules; the default rules if the organisation has none. */
export async function trustPolicy(db: Db, organisationId: OrganisationId): Promise<TrustPolicy> {
  const row = await db
    .selectFrom('trust_policies')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .executeTakeFirst()
  return policyOf(row)
}

type PolicyChange = { organisationId: OrganisationId; rules: TrustRule[]; nowMs: number; by: string }

/**
 * A change of keys or rules. The revision is a time, and later than the last one. So it also rises on a hub that was
 * restored from a backup, and devices accept the next change.
 */
export async function savePolicy(tx: Tx, { organisationId, rules, nowMs, by }: PolicyChange): Promise<void> {
  const { revision } = await trustPolicy(tx, organisationId)
  const changed = {
    revision: Math.max(nowMs, revision + 1),
    rules: toJson(rules),
    updated_at_ms: nowMs,
    updated_by: by,
  }
  await tx
    .insertInto('trust_policies')
    .values({ organisation_id: organisationId, ...changed })
    .onConflict((conflict) => conflict.column('organisation_id').doUpdateSet(changed))
    .execute()
}

/**
 * The document for devices. Undefined if nothing was ever changed: then devices use the keys that they got when they
 * joined.
 */
export async function trustDocument(db: Db, keys: Keys): Promise<TrustDocument | undefined> {
  const { organisationId } = keys
  const { revision, rules } = await trustPolicy(db, organisationId)
  if (revision === 0) return undefined
  const rows = await signingKeys(db, keys)
  return {
    v: 1,
    organisationId,
    revision,
    rules,
    keys: rows.map(({ kind, state, key_id, public_key_pem }) => ({
      kind,
      state,
      keyId: key_id,
      publicKeyPem: public_key_pem,
    })),
  }
}

/** Publishers' signatures, sorted by key, so that equal sets make equal documents. */
export function versionSignatures(db: Db, versionId: VersionId): Promise<VersionSignatureTable[]> {
  return db.selectFrom('version_signatures').selectAll().where('version_id', '=', versionId).orderBy('key_id').execute()
}

/** A newer signature of the same key replaces the older one. */
export async function saveSignature(tx: Tx, row: VersionSignatureTable): Promise<void> {
  const { version_id: _, key_id: __, ...rest } = row
  await tx
    .insertInto('version_signatures')
    .values(row)
    .onConflict((conflict) => conflict.columns(['version_id', 'key_id']).doUpdateSet(rest))
    .execute()
}
