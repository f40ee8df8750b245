/** The tables of authorities, and of the values that the hub keeps encrypted for itself. */

import type { AuthorityKind, AuthorityState } from '@skerry/contract/authorities/authority'
import type { AuthorityId } from '@skerry/contract/values/ids'

export type AuthorityTable = {
  id: AuthorityId
  kind: AuthorityKind
  state: AuthorityState
  /** PEM, of one that somebody else is to sign. */
  request_pem: string | null
  /** PEM: its own certificate, then whoever signed it, up to the root. Null until it is signed. */
  chain_pem: string | null
  /** In what time devices are to renew. */
  renew_within_ms: number
  created_at_ms: number
  activated_at_ms: number | null
  retired_at_ms: number | null
}

/** What belongs to no organisation, under the hub's encryption key itself. */
export type HubValueTable = { name: string; key_id: string; sealed: string }

export type AuthorityTables = { authorities: AuthorityTable; hub_values: HubValueTable }
