/** The tables of signing keys, of the rules on required signatures, and of the signatures of publishers. */

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
  /**
   * Encrypted (encryption/vault.ts). Null if the publisher has the private half, or if it is in the hub's folder of
   * secrets.
   */
  private_key: string | null
  created_at_ms: number
  created_by: string
  changed_at_ms: number | null
  changed_by: string | null
  reason: string | null
}

/** One row for an organisation that has changed its keys or rules. */
export type TrustPolicyTable = {
  organisation_id: OrganisationId
  revision: number
  rules: Json<TrustRule[]>
  updated_at_ms: number
  updated_by: string
}

/** In addition to the hub's own signature, which is in the version's row. */
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
