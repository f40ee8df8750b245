/**
 * Ledger: what must outlive the database of a hub. It lies beside the model files, so a database that is replaced by another one, or by its
 * own older backup, is recognised, and credentials that ended since the backup do not come back to life.
 *
 * It does not decide how the ledger is stored: apps/hub/src/ledger does.
 */

/** The state in which a key, device, organisation or token ended; a number counts the uses of a join token. */
export type EndedState = 'revoked' | 'removed' | 'disabled' | 'quarantined' | 'wiping' | 'wiped' | { uses: number }

/** By id; ids of all kinds begin differently. */
export type EndedRecords = Readonly<Record<string, EndedState>>

export type Ledger = {
  databaseId: string
  /** The database has the same number. It is raised in the database first. */
  sequence: number
  writtenAtMs: number
  ended: EndedRecords
}

export type ClaimFacts = {
  databaseId: string
  sequence: number
  /** The ledger beside the model files; undefined if there is none. */
  ledger: Ledger | undefined
  /** Whether model files are there; `unknown` if the database knows no file at all. */
  files: 'none' | 'known' | 'unknown'
}

/**
 * Whether a database may use the model files beside a ledger. `restored`: it is an older copy of the database that wrote the ledger.
 * `stranger`: another database wrote it, or nobody knows who owns the files.
 */
export type Claim = 'own' | 'restored' | 'stranger'

export function claimOf({ databaseId, sequence, ledger, files }: ClaimFacts): Claim {
  if (!ledger) return files === 'unknown' ? 'stranger' : 'own'
  if (ledger.databaseId !== databaseId) return 'stranger'
  return ledger.sequence > sequence ? 'restored' : 'own'
}

/**
 * The records of the next ledger: those that ended by the database, and those that the database does not know any more. An earlier record
 * whose object is present and has not ended was taken back by a person, such as a released quarantine.
 */
export function nextEnded(before: EndedRecords, now: EndedRecords, isPresent: (id: string) => boolean): EndedRecords {
  const gone = Object.entries(before).filter(([id]) => !isPresent(id))
  return { ...Object.fromEntries(gone), ...now }
}
