/** The tables of remote access: grants, sessions, and the recordings of terminals. */
import type { AccessRecording, AccessSessionState, AccessSpec, AccessWish } from '@skerry/contract/access/access'
import type {
  AccessGrantId,
  AccessSessionId,
  DeviceId,
  KeyId,
  OrganisationId,
  UserId,
} from '@skerry/contract/values/ids'
import type { Json } from '../../json-column.ts'

export type AccessHand = { kind: 'key' | 'user'; id: KeyId | UserId; name: string }

export type AccessGrantTable = {
  id: AccessGrantId
  organisation_id: OrganisationId
  device_id: DeviceId
  holder: Json<AccessHand>
  /** Two keys of one person are one holder. */
  person_id: KeyId | UserId
  spec: Json<AccessSpec>
  created_at_ms: number
  expires_at_ms: number
  revoked: Json<{ by: string; atMs: number; reason: string }> | null
}

export type AccessSessionTable = {
  id: AccessSessionId
  organisation_id: OrganisationId
  device_id: DeviceId
  grant_id: AccessGrantId
  holder: Json<AccessHand>
  wish: Json<AccessWish>
  ticket_hash: string
  state: AccessSessionState
  hub_id: string | null
  created_at_ms: number
  ended_at_ms: number | null
  ended: string | null
  exit_code: number | null
  recording: Json<AccessRecording> | null
}

/** A part of the text of a recording. */
export type AccessRecordingTable = {
  organisation_id: OrganisationId
  session_id: AccessSessionId
  sequence: number
  text: string
}

/** A person who watches a terminal of another one. */
export type AccessWatcherTable = {
  organisation_id: OrganisationId
  session_id: AccessSessionId
  person_id: KeyId | UserId
  name: string
  seen_at_ms: number
}

export type AccessSessionTables = {
  access_grants: AccessGrantTable
  access_sessions: AccessSessionTable
  access_recordings: AccessRecordingTable
  access_watchers: AccessWatcherTable
}
