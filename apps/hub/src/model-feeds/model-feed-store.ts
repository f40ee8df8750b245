/** Model feed store: the model feeds of an organisation as records. */
import { MODEL_FEEDS_MAX, type ModelFeed } from '@skerry/contract/model-feeds/model-feed'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { fromJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { ModelFeedTable } from '../store/tables/systems/model-feed-tables.ts'

type FeedKey = Pick<ModelFeedTable, 'organisation_id' | 'id'>

/** All feeds by name; there are few. */
export const listModelFeeds = (db: Db, organisationId: OrganisationId): Promise<ModelFeedTable[]> =>
  db
    .selectFrom('model_feeds')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .orderBy('name')
    .limit(MODEL_FEEDS_MAX)
    .execute()

/** The feeds of all organisations whose time has come and that nobody paused, the longest overdue first. */
export const dueModelFeeds = (db: Db, nowMs: number): Promise<ModelFeedTable[]> =>
  db
    .selectFrom('model_feeds')
    .selectAll()
    .where('next_at_ms', '<=', nowMs)
    .where('paused', 'is', null)
    .orderBy('next_at_ms')
    .execute()

/** Undefined if the organisation has no such feed. */
export const findModelFeed = (
  db: Db,
  { organisationId, name }: { organisationId: OrganisationId; name: string },
): Promise<ModelFeedTable | undefined> =>
  db
    .selectFrom('model_feeds')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('name', '=', name)
    .executeTakeFirst()

/** The present state of the feed; undefined if it was removed. */
export const reloadModelFeed = (db: Db, { organisation_id, id }: FeedKey): Promise<ModelFeedTable | undefined> =>
  db
    .selectFrom('model_feeds')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .where('id', '=', id)
    .executeTakeFirst()

export async function insertModelFeed(tx: Tx, row: ModelFeedTable): Promise<void> {
  await tx.insertInto('model_feeds').values(row).execute()
}

export async function changeModelFeed(
  tx: Tx,
  { organisation_id, id }: FeedKey,
  columns: Partial<ModelFeedTable>,
): Promise<void> {
  await tx
    .updateTable('model_feeds')
    .set(columns)
    .where('organisation_id', '=', organisation_id)
    .where('id', '=', id)
    .execute()
}

export async function deleteModelFeed(tx: Tx, { organisation_id, id }: FeedKey): Promise<void> {
  await tx.deleteFrom('model_feeds').where('organisation_id', '=', organisation_id).where('id', '=', id).execute()
}

/** The feed as the API shows it. */
export function modelFeedOf(row: ModelFeedTable): ModelFeed {
  const problem = row.problem === null ? undefined : fromJson(row.problem)
  return {
    name: row.name,
    spec: fromJson(row.spec),
    state: stateOf(row),
    hasToken: row.sealed !== null,
    ...(row.paused !== null && { paused: fromJson(row.paused) }),
    ...(row.imported !== null && { imported: fromJson(row.imported) }),
    ...(problem && { problem }),
    ...(row.checked_at_ms !== null && { checkedAtMs: Number(row.checked_at_ms) }),
    nextAtMs: Number(row.next_at_ms),
    createdAtMs: Number(row.created_at_ms),
    changedAtMs: Number(row.changed_at_ms),
    changedBy: row.changed_by,
  }
}

function stateOf({ paused, problem, imported }: ModelFeedTable): ModelFeed['state'] {
  if (paused !== null) return 'paused'
  if (problem !== null) return 'failed'
  return imported === null ? 'new' : 'current'
}
