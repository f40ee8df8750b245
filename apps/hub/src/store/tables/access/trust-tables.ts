/** The tables of signing keys, of the rules whose signatures models need, and of the signatures of publishers. */

import type { SigstoreBundle } from '@skerry/contract/models/signature'
import type { SigningKeyId, SigningKeyState, TrustRule } from '@skerry/contract/models/trust'
import type { OrganisationId, VersionId } from '@skerry/contract/values/ids'
import type { Json } from '../../json-column.ts'

export type SigningKeyTable = {
  organisation_id: OrganisationId
  key_id: SigningKeyId
  name: string
  kind: 'hub' | 'publisher'
  state: SigningKeyState
  public_key_pem: string
  /** Encrypted (encryption/vault.ts); null where the private half is a publisher's, or lies in the hub's folder of secrets. */
  private_key: string | null
  created_at_ms: number
  created_by: string
  changed_at_ms: number | null
  changed_by: string | null
  reason: string | null
}

/** One row for an organisation that has changed something. */
export type TrustPolicyTable = {
  organisation_id: OrganisationId
  revision: number
  rules: Json<TrustRule[]>
  updated_at_ms: number
  updated_by: string
}

/** Besides the hub's own, which is in the version's row. */
export type VersionSignatureTable = {
  version_id: VersionId
  key_id: SigningKeyId
  bundle: Json<SigstoreBundle>
  added_at_ms: number
  added_by: string
}

export type TrustTables = {
  signing_keys: SigningKeyTable
  trust_policies: TrustPolicyTable
  version_signatures: VersionSignatureTable
}
