/** Signer: the key that signs an organisation's versions now. All others verify. */
import type { OrganisationId } from '@skerry/contract/values/ids'
import { type KeyPair, keyPairOf } from '@skerry/platform/certificates/private-key'
import { tellVaultError } from '../encryption/tell-vault-error.ts'
import type { Hub } from '../hub.ts'
import type { Db, Tx } from '../store/store.ts'
import type { SigningKeyTable } from '../store/tables/access/trust-tables.ts'
import { saveSigningKey, signingKeys } from './trust-store.ts'

type SignerHub = Pick<Hub, 'signing' | 'vault'>

/** Where the private half of a key lies. */
const placeOf = ({ organisation_id, key_id }: Pick<SigningKeyTable, 'organisation_id' | 'key_id'>) =>
  ({ organisationId: organisation_id, kind: 'signing-key', id: key_id }) as const

/** The active key of the hub. */
export async function signerFor(
  db: Db,
  { signing, vault }: SignerHub,
  organisationId: OrganisationId,
): Promise<KeyPair> {
  const rows = await signingKeys(db, { organisationId, first: signing })
  const active = rows.find(({ kind, state }) => kind === 'hub' && state === 'active')
  if (!active) throw new Error(`the organisation ${organisationId} has no active signing key`)
  if (active.private_key === null) return signing
  const sealed = active.private_key
  const pem = await tellVaultError(() => vault.open(db, placeOf(active), sealed))
  return keyPairOf(pem.toString('utf8'))
}

/** The private half, encrypted. */
export const sealSigner = (
  tx: Tx,
  { vault }: SignerHub,
  row: SigningKeyTable,
  privateKeyPem: string,
): Promise<string> => tellVaultError(() => vault.seal(tx, placeOf(row), Buffer.from(privateKeyPem)))

/** All under the newest data key. There are a few dozen at most. */
export async function resealSigningKeys(tx: Tx, vault: Hub['vault'], organisationId: OrganisationId): Promise<void> {
  const rows = await tx
    .selectFrom('signing_keys')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('private_key', 'is not', null)
    .execute()
  for (const row of rows) {
    if (row.private_key === null) continue
    const plain = await vault.open(tx, placeOf(row), row.private_key)
    await saveSigningKey(tx, { ...row, private_key: await vault.seal(tx, placeOf(row), plain) })
  }
}
