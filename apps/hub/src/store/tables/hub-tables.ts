/** The tables for the agreement of hubs on one database. The first two have one row, whose id is 1. */

export const ONLY = 1

/** The identity of the database: a hub with another authority or another signing key does not belong to it. */
export type HubIdentityTable = { id: typeof ONLY; authority_fingerprint: string; signing_key_id: string }

/** The leading hub. A hub that takes the lead raises the epoch; a write with an older epoch is rejected. */
export type HubLeaderTable = { id: typeof ONLY; epoch: number; hub_id: string; since_ms: number }

/**
 * The address at which other hubs reach a hub. The row counts while the hub's session holds the lock of its number
 * (cluster/attendance.ts).
 */
export type HubSessionTable = {
  number: number
  hub_id: string
  url: string
  certificate_fingerprint: string
  version: string
  since_ms: number
}

export type HubTables = { hub_identity: HubIdentityTable; hub_leader: HubLeaderTable; hub_sessions: HubSessionTable }
