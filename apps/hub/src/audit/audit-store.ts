/** Audit store: appends records to an organisation's chain, and reads them back. */
import type { AuditRecord } from '@skerry/contract/audit/audit'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { type ChainEnd, chainRecord, EMPTY_CHAIN, type UnchainedRecord } from '@skerry/core/audit/audit-chain'
import { digestOf } from '@skerry/platform/files/hash'
import { type SelectQueryBuilder, sql } from 'kysely'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tables, Tx } from '../store/store.ts'
import type { AuditTable } from '../store/tables/foundation-tables.ts'

/**
 * Adds the record at the end of its organisation's chain. The change that it describes is in the same transaction, so
 * that neither exists without the other.
 */
export async function appendAudit(tx: Tx, record: UnchainedRecord): Promise<AuditRecord> {
  const chained = chainRecord(await endOfTrail(tx, record.organisationId), record, digestOf)
  await tx.insertInto('audit_records').values(rowOf(chained)).execute()
  return chained
}

/** The end of the chain, to which the next record is added. */
export async function endOfTrail(db: Db, organisationId: OrganisationId): Promise<ChainEnd> {
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
  newestFirst?: boolean | undefined
  fromSequence?: number | undefined
} & AuditFilter & { after?: TimePlace | undefined }

/** Filters the records. An empty filter selects all of them. */
export type AuditFilter = {
  fromMs?: number | undefined
  toMs?: number | undefined
  /** An action, or all actions of a noun: `rollout.*`. */
  action?: string | undefined
  object?: string | undefined
  /** The name or the id of an actor. */
  actor?: string | undefined
  /** `ok`, `refused`, or the error code of a rejection. */
  result?: string | undefined
}

/** The place at which a list by time continues. The sequence orders records of one millisecond. */
export type TimePlace = { atMs: number; sequence: number }

/**
 * One page of records. The whole trail comes in the order of the chain, which may differ from the time if a clock was
 * set back. A filtered list comes by time. Each query is a range of an index (migrations/0001/audit.ts), so that no
 * page walks the chain.
 */
export async function listAudit(db: Db, query: AuditQuery): Promise<AuditRecord[]> {
  const rows = await auditQuery(db, query).execute()
  return rows.map(recordOf)
}

/** One page of the records about any of these objects, by time: a range of the index for each object. */
export async function listAuditOf(
  db: Db,
  { objects, ...query }: Omit<AuditQuery, 'object'> & { objects: readonly string[] },
): Promise<AuditRecord[]> {
  const found: AuditRecord[] = []
  for (const object of objects) found.push(...(await listAudit(db, { ...query, object })))
  const sign = query.newestFirst ? -1 : 1
  return found.toSorted((a, b) => sign * (a.atMs - b.atMs || a.sequence - b.sequence)).slice(0, query.limit)
}

/** The query itself, so that a test can read its plan. */
export function auditQuery(db: Db, query: AuditQuery): Records {
  const { organisationId, after, newestFirst = false, limit } = query
  const order = newestFirst ? 'desc' : 'asc'
  const beyond = newestFirst ? '<' : '>'
  const all = db
    .selectFrom('audit_records')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .$if(query.fromSequence !== undefined, (select) => select.where('sequence', '>=', query.fromSequence ?? 0))
    .limit(limit)
  if (!isNarrowed(query)) {
    return all
      .$if(after !== undefined, (select) => select.where('sequence', beyond, after?.sequence ?? 0))
      .orderBy('sequence', order)
  }
  return narrow(all, query)
    .$if(after !== undefined, (select) =>
      select.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('at_ms', 'sequence'), beyond, tuple(after?.atMs ?? 0, after?.sequence ?? 0)),
      ),
    )
    .orderBy('at_ms', order)
    .orderBy('sequence', order)
}

const isNarrowed = ({ fromMs, toMs, action, object, actor, result }: AuditFilter) =>
  [fromMs, toMs, action, object, actor, result].some((part) => part !== undefined)

type Records = SelectQueryBuilder<Tables, 'audit_records', AuditTable>

/** Names have no underscore, and ids have one. */
const ID = /^[a-z]+_/

function narrow(select: Records, filter: AuditFilter): Records {
  const { fromMs, toMs, object } = filter
  return narrowByResult(narrowByAction(narrowByActor(select, filter), filter), filter)
    .$if(fromMs !== undefined, (records) => records.where('at_ms', '>=', fromMs ?? 0))
    .$if(toMs !== undefined, (records) => records.where('at_ms', '<', toMs ?? 0))
    .$if(object !== undefined, (records) => records.where('object_id', '=', object ?? ''))
}

function narrowByActor(select: Records, { actor }: AuditFilter): Records {
  return actor === undefined ? select : select.where(ID.test(actor) ? 'actor_id' : 'actor_name', '=', actor)
}

function narrowByAction(select: Records, { action }: AuditFilter): Records {
  if (action === undefined) return select
  const noun = /^([^.]+)\.\*$/.exec(action)?.[1]
  return noun === undefined ? select.where('action', '=', action) : select.where('action_noun', '=', noun)
}

function narrowByResult(select: Records, { result }: AuditFilter): Records {
  if (result === undefined) return select
  if (result === 'ok') return select.where('result', '=', 'ok')
  // Repeats the condition of the partial index, so that the planner uses the index.
  const refused = select.where(sql<boolean>`result <> 'ok'`)
  return result === 'refused' ? refused : refused.where('result', '=', result)
}

const rowOf = (record: AuditRecord): AuditTable => ({
  organisation_id: record.organisationId,
  sequence: record.sequence,
  at_ms: record.atMs,
  actor: toJson(record.actor),
  actor_id: record.actor.id,
  actor_name: record.actor.name,
  action: record.action,
  action_noun: record.action.split('.')[0] ?? '',
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
