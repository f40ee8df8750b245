/** Audit store: appends records to an organisation's chain, and reads them back. */
import type { AuditRecord } from '@skerry/contract/audit'
import type { OrganisationId } from '@skerry/contract/ids'
import { type ChainEnd, chainRecord, EMPTY_CHAIN, type UnchainedRecord } from '@skerry/core/audit-chain'
import { digestOf } from '@skerry/platform/hash'
import type { AuditTable } from '../store/foundation-tables.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'

/** Adds the record at the end of its organisation's chain. In the same transaction as what it tells of, so that neither is without the other. */
export async function appendAudit(tx: Tx, record: UnchainedRecord): Promise<AuditRecord> {
  const chained = chainRecord(await endOf(tx, record.organisationId), record, digestOf)
  await tx.insertInto('audit_records').values(rowOf(chained)).execute()
  return chained
}

async function endOf(db: Db, organisationId: OrganisationId): Promise<ChainEnd> {
  const row = await db
    .selectFrom('audit_records')
    .select(['sequence', 'hash'])
    .where('organisation_id', '=', organisationId)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row ?? EMPTY_CHAIN
}

export type AuditQuery = {
  organisationId: OrganisationId
  limit: number
  /** Records beyond this sequence, in the direction of the list. */
  after?: number | undefined
  action?: string | undefined
  object?: string | undefined
  newestFirst?: boolean | undefined
}

/** One page of records. */
export async function listAudit(db: Db, query: AuditQuery): Promise<AuditRecord[]> {
  const rows = await db
    .selectFrom('audit_records')
    .selectAll()
    .where('organisation_id', '=', query.organisationId)
    .$if(query.after !== undefined, (select) =>
      select.where('sequence', query.newestFirst ? '<' : '>', query.after ?? 0),
    )
    .$if(query.action !== undefined, (select) => select.where('action', '=', query.action ?? ''))
    .$if(query.object !== undefined, (select) => select.where('object_id', '=', query.object ?? ''))
    .orderBy('sequence', query.newestFirst ? 'desc' : 'asc')
    .limit(query.limit)
    .execute()
  return rows.map(recordOf)
}

const rowOf = (record: AuditRecord): AuditTable => ({
  organisation_id: record.organisationId,
  sequence: record.sequence,
  at_ms: record.atMs,
  actor: toJson(record.actor),
  action: record.action,
  object_kind: record.object.kind,
  object_id: record.object.id,
  source: record.source ?? null,
  result: record.result,
  detail: toJson(record.detail),
  previous_hash: record.previousHash,
  hash: record.hash,
})

const recordOf = (row: AuditTable): AuditRecord => ({
  organisationId: row.organisation_id,
  sequence: row.sequence,
  atMs: row.at_ms,
  actor: fromJson(row.actor),
  action: row.action,
  object: { kind: row.object_kind, id: row.object_id },
  ...(row.source === null ? {} : { source: row.source }),
  result: row.result,
  detail: fromJson(row.detail),
  previousHash: row.previous_hash,
  hash: row.hash,
})
