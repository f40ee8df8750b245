/** The tables of authorities, and of the hub's own encrypted values. */

import type { AuthorityKind, AuthorityState } from '@skerry/contract/authorities/authority'
import type { AuthorityId } from '@skerry/contract/values/ids'

export type AuthorityTable = {
  id: AuthorityId
  kind: AuthorityKind
  state: AuthorityState
  /** PEM, for an authority that another one is to sign. */
  request_pem: string | null
  /** PEM: its own certificate, then the certificates above it, up to the root. Null until it is signed. */
  chain_pem: string | null
  /** The time in which devices are to renew. */
  renew_within_ms: number
  created_at_ms: number
  activated_at_ms: number | null
  retired_at_ms: number | null
}

/** Values that belong to no organisation, encrypted with the hub's encryption key directly. */
export type HubValueTable = { name: string; key_id: string; sealed: string }

export type AuthorityTables = { authorities: AuthorityTable; hub_values: HubValueTable }
