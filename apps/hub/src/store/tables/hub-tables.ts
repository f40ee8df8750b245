/** The tables of what hubs on one database agree about. The first two have one row, whose id is 1. */

export const ONLY = 1

/** Whose database it is: hubs with another authority or another signing key are not its. */
export type HubIdentityTable = { id: typeof ONLY; authority_fingerprint: string; signing_key_id: string }

/** Which hub leads. Whoever takes the lead raises the epoch; who wrote with an older one has lost it. */
export type HubLeaderTable = { id: typeof ONLY; epoch: number; hub_id: string; since_ms: number }

/** Where a hub is reached by the others. The row counts while the hub's session holds the lock of its number (cluster/attendance.ts). */
export type HubSessionTable = {
  number: number
  hub_id: string
  url: string
  certificate_fingerprint: string
  version: string
  since_ms: number
}

export type HubTables = { hub_identity: HubIdentityTable; hub_leader: HubLeaderTable; hub_sessions: HubSessionTable }
