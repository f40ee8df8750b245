/** Checkpoint store: what the hub has signed of each organisation's trail. */
import type { AuditCheckpoint } from '@skerry/contract/audit/audit-checkpoint'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Db, Tx } from '../store/store.ts'
import type { AuditCheckpointTable } from '../store/tables/audit-tables.ts'

type CheckpointQuery = {
  organisationId: OrganisationId
  limit: number
  after?: number | undefined
  newestFirst?: boolean | undefined
}

/** In the order of the chain, or against it. */
export async function listCheckpoints(db: Db, query: CheckpointQuery): Promise<AuditCheckpoint[]> {
  const { organisationId, limit, after, newestFirst = false } = query
  const rows = await db
    .selectFrom('audit_checkpoints')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .$if(after !== undefined, (select) => select.where('sequence', newestFirst ? '<' : '>', after ?? 0))
    .orderBy('sequence', newestFirst ? 'desc' : 'asc')
    .limit(limit)
    .execute()
  return rows.map(checkpointOf)
}

/** The newest, if there is any. */
export const lastCheckpoint = async (db: Db, organisationId: OrganisationId) =>
  (await listCheckpoints(db, { organisationId, limit: 1, newestFirst: true }))[0]

/** Keeps it. Of two for one record the first stays: both say the same. */
export async function insertCheckpoint(tx: Tx, checkpoint: AuditCheckpoint): Promise<void> {
  const { organisationId, sequence, hash, atMs, keyId, signature } = checkpoint
  await tx
    .insertInto('audit_checkpoints')
    .values({ organisation_id: organisationId, sequence, hash, at_ms: atMs, key_id: keyId, signature })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

const checkpointOf = (row: AuditCheckpointTable): AuditCheckpoint => ({
  v: 1,
  organisationId: row.organisation_id,
  sequence: row.sequence,
  hash: row.hash,
  atMs: row.at_ms,
  keyId: row.key_id,
  signature: row.signature,
})
