/**
 * Claim files: whether this database owns the model files that it finds. It is asked before the hub serves anybody, and before each sweep,
 * because a sweep on a wrong database would remove every file. An older backup of the right database is brought up to the ledger.
 */
import { type Claim, claimOf, type Ledger } from '@skerry/core/ledger/ledger'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import { appendAudit } from '../audit/audit-store.ts'
import type { BlobBytes } from '../blobs/blob-bytes.ts'
import type { Bus } from '../bus.ts'
import type { Identifiers } from '../identity/identifiers.ts'
import type { Store, Tx } from '../store/store.ts'
import { type EndedCounts, endAgain } from './ended-store.ts'
import { readLedger, writeLedger } from './ledger-file.ts'
import { databaseRow, raiseSequence } from './ledger-store.ts'

export type ClaimDeps = {
  store: Store
  blobs: BlobBytes
  clock: Pick<Clock, 'nowMs'>
  log: Pick<Log, 'info' | 'warn' | 'error'>
  ids: Pick<Identifiers, 'database'>
  bus: Pick<Bus, 'publish'>
}

export type ClaimResult =
  | { ok: true; ledger: Ledger | undefined }
  | { ok: false; code: 'database_stranger' | 'ledger_damaged'; message: string }

/** Throws a problem if the store of blobs does not answer. */
export async function claimFiles(deps: ClaimDeps, signal: AbortSignal): Promise<ClaimResult> {
  const { store, blobs, ids, log } = deps
  const read = await readLedger(blobs, signal)
  if (!read.ok) return read
  const { ledger } = read
  // Read after the ledger: a hub that writes one raises the database first, so this number is behind only after a restore.
  const row = await databaseRow(store, ids.database)
  const files = ledger ? 'known' : await knowledgeOf(deps, signal)
  const claim: Claim = claimOf({ databaseId: row.database_id, sequence: row.sequence, ledger, files })
  if (claim === 'stranger')
    return { ok: false, code: 'database_stranger', message: strangerMessage(blobs.place, ledger) }
  if (claim === 'restored' && ledger) {
    const counts = await catchUp(deps, ledger)
    // A hub may serve already, if the bucket was silent at its start: it looks again at every key, session and link.
    deps.bus.publish('everything.changed', '')
    log.warn('database_restored', { ledgerWrittenAtMs: ledger.writtenAtMs, ...counts })
  }
  return { ok: true, ledger }
}

/** A person says so: the files belong to this database from now on. The ledger of the other one is kept beside it. */
export async function adoptFiles(deps: ClaimDeps, signal: AbortSignal): Promise<void> {
  const { store, blobs, log, ids } = deps
  const row = await databaseRow(store, ids.database)
  const read = await readLedger(blobs, signal)
  const before = read.ok ? read.ledger : undefined
  if (before?.databaseId === row.database_id) return
  if (before) await blobs.writeNote(`ledger-${before.databaseId}.json`, Buffer.from(JSON.stringify(before)), signal)
  await beginLedger(deps, signal)
  log.warn('files_adopted', { place: blobs.place, from: before?.databaseId ?? 'nobody', to: row.database_id })
}

/** Writes the first ledger. The keeper of the leader fills it. */
export async function beginLedger({ store, blobs, clock, ids }: ClaimDeps, signal: AbortSignal): Promise<void> {
  const { database_id: databaseId } = await databaseRow(store, ids.database)
  const sequence = await store.transaction((tx) => raiseSequence(tx))
  await writeLedger(blobs, { databaseId, sequence, writtenAtMs: clock.nowMs(), ended: {} }, signal)
}

/** A database that knows any file is no new one, and its sweeps keep the files that it does not know. */
async function knowledgeOf({ blobs, store }: ClaimDeps, signal: AbortSignal): Promise<'none' | 'known' | 'unknown'> {
  const held = await store.db.selectFrom('blobs').select('digest').limit(1).executeTakeFirst()
  if (held) return 'known'
  const listed = blobs.list(signal)[Symbol.asyncIterator]()
  const first = await listed.next()
  await listed.return?.()
  return first.done ? 'none' : 'unknown'
}

function strangerMessage(place: string, ledger: Ledger | undefined): string {
  const owner = ledger
    ? `belong to the database ${ledger.databaseId}, which a hub used last at ${new Date(ledger.writtenAtMs).toISOString()}`
    : 'belong to an unknown database'
  return `the model files in ${place} ${owner}. This hub has another database. Check --data, --database-url and --blobs, or restore the backup of the database. If this database is to own the files, start the hub once with --adopt-blobs`
}

/** Brings an older backup up to its ledger, in one transaction: credentials that ended since end again, and so does everything short-lived. */
function catchUp({ store, clock }: ClaimDeps, ledger: Ledger): Promise<EndedCounts> {
  const nowMs = clock.nowMs()
  return store.transaction(async (tx) => {
    const counts = await endAgain(tx, ledger.ended, nowMs)
    await forgetPassing(tx)
    await raiseSequence(tx, ledger.sequence)
    await tx.updateTable('hub_ledger').set({ restored_at_ms: nowMs }).execute()
    for (const { id: organisationId } of await tx.selectFrom('organisations').select('id').execute()) {
      await appendAudit(tx, {
        organisationId,
        atMs: nowMs,
        actor: { kind: 'hub', id: '', name: 'hub' },
        result: 'ok',
        action: 'hub.restored',
        object: { kind: 'hub', id: 'hub' },
        detail: { lastWrittenAtMs: ledger.writtenAtMs },
      })
    }
    return counts
  })
}

/**
 * Sessions, links and invitations may have ended since the backup, and the ledger does not name them: people sign in again. Files that waited
 * for their removal may have been pushed again since.
 */
async function forgetPassing(tx: Tx): Promise<void> {
  for (const table of ['sessions', 'user_sessions', 'logins', 'invitations', 'user_verifications'] as const) {
    await tx.deleteFrom(table).execute()
  }
  for (const table of ['removed_blobs', 'blob_removals'] as const) await tx.deleteFrom(table).execute()
}
