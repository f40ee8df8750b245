/** The table of sessions of browsers. */
import type { KeyId, OrganisationId } from '@skerry/contract/values/ids'

export type SessionTable = {
  /** SHA-256 of what the cookie holds, hex: whoever reads the database cannot sign in with it. */
  id_hash: string
  organisation_id: OrganisationId
  key_id: KeyId
  created_at_ms: number
  expires_at_ms: number
}

export type SessionTables = { sessions: SessionTable }
