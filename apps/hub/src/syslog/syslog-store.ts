/** Syslog store: where each trail is sent, how far it has got, what stands in the way. */
import type { SyslogState } from '@skerry/contract/audit/audit-export'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { endOfTrail, listAudit } from '../audit/audit-store.ts'
import type { Vault } from '../encryption/vault.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { SyslogTable } from '../store/tables/syslog-tables.ts'

export const syslogKeyPlace = (organisationId: OrganisationId) =>
  ({ organisationId, kind: 'syslog-key', id: 'syslog' }) as const

export const findSyslog = (db: Db, organisationId: OrganisationId): Promise<SyslogTable | undefined> =>
  db.selectFrom('syslog_exports').selectAll().where('organisation_id', '=', organisationId).executeTakeFirst()

export const listSyslog = (db: Db): Promise<SyslogTable[]> =>
  db.selectFrom('syslog_exports').selectAll().orderBy('organisation_id').execute()

export async function saveSyslog(tx: Tx, row: SyslogTable): Promise<void> {
  const { organisation_id: _, ...columns } = row
  await tx
    .insertInto('syslog_exports')
    .values(row)
    .onConflict((conflict) => conflict.column('organisation_id').doUpdateSet(columns))
    .execute()
}

export async function forgetSyslog(tx: Tx, organisationId: OrganisationId): Promise<void> {
  await tx.deleteFrom('syslog_exports').where('organisation_id', '=', organisationId).execute()
}

/** How far it has got; nothing where somebody has wished otherwise meanwhile. */
export async function moveSyslog(
  tx: Tx,
  { organisation_id, revision }: Pick<SyslogTable, 'organisation_id' | 'revision'>,
  columns: Partial<Pick<SyslogTable, 'sent_sequence' | 'sent_checkpoint' | 'sent_at_ms' | 'problem'>>,
): Promise<void> {
  await tx
    .updateTable('syslog_exports')
    .set(columns)
    .where('organisation_id', '=', organisation_id)
    .where('revision', '=', revision)
    .execute()
}

/** Under the newest data key. */
export async function resealSyslogKey(tx: Tx, vault: Vault, organisationId: OrganisationId): Promise<void> {
  const row = await findSyslog(tx, organisationId)
  if (!row?.private_key) return
  const place = syslogKeyPlace(organisationId)
  const plain = await vault.open(tx, place, row.private_key)
  await saveSyslog(tx, { ...row, private_key: await vault.seal(tx, place, plain) })
}

/** What waits: how many records, and since when the first. */
export async function waitingOf(db: Db, row: SyslogTable): Promise<{ waiting: number; waitingSinceMs?: number }> {
  const { organisation_id: organisationId, sent_sequence } = row
  const waiting = Math.max(0, (await endOfTrail(db, organisationId)).sequence - sent_sequence)
  const [first] = await listAudit(db, { organisationId, limit: 1, fromSequence: sent_sequence + 1 })
  return { waiting, ...(first && { waitingSinceMs: first.atMs }) }
}

export async function syslogStateOf(db: Db, row: SyslogTable): Promise<SyslogState> {
  return {
    target: fromJson(row.target),
    sentThrough: row.sent_sequence,
    ...(await waitingOf(db, row)),
    ...(row.sent_at_ms !== null && { sentAtMs: row.sent_at_ms }),
    ...(row.problem !== null && { problem: fromJson(row.problem) }),
  }
}

export const problemColumn = (problem: NonNullable<SyslogState['problem']>) => ({ problem: toJson(problem) })
