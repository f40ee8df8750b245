/** Git source store: the followed repositories of an organisation as records. */
import { GIT_SOURCES_MAX, type GitSource } from '@skerry/contract/git-sources/git-source'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { fromJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { GitSourceTable } from '../store/tables/systems/git-source-tables.ts'

/** All sources by name; there are few. */
export const listGitSources = (db: Db, organisationId: OrganisationId): Promise<GitSourceTable[]> =>
  db
    .selectFrom('git_sources')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .orderBy('name')
    .limit(GIT_SOURCES_MAX)
    .execute()

/** The sources of all organisations whose time has come, the longest overdue first. */
export const dueGitSources = (db: Db, nowMs: number): Promise<GitSourceTable[]> =>
  db.selectFrom('git_sources').selectAll().where('next_at_ms', '<=', nowMs).orderBy('next_at_ms').execute()

/** Undefined if the organisation has no such source. */
export const findGitSource = (
  db: Db,
  { organisationId, name }: { organisationId: OrganisationId; name: string },
): Promise<GitSourceTable | undefined> =>
  db
    .selectFrom('git_sources')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('name', '=', name)
    .executeTakeFirst()

/** By its id alone: a webhook has no organisation before its secret is known to be right. */
export const gitSourceOfId = (db: Db, id: string): Promise<GitSourceTable | undefined> =>
  db
    .selectFrom('git_sources')
    .selectAll()
    .where('id', '=', id as GitSourceTable['id'])
    .executeTakeFirst()

export async function insertGitSource(tx: Tx, row: GitSourceTable): Promise<void> {
  await tx.insertInto('git_sources').values(row).execute()
}

/** False if the source was removed meanwhile. */
export async function changeGitSource(
  tx: Tx,
  { organisation_id, id }: Pick<GitSourceTable, 'organisation_id' | 'id'>,
  columns: Partial<GitSourceTable>,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('git_sources')
    .set(columns)
    .where('organisation_id', '=', organisation_id)
    .where('id', '=', id)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export async function deleteGitSource(
  tx: Tx,
  { organisation_id, id }: Pick<GitSourceTable, 'organisation_id' | 'id'>,
): Promise<void> {
  await tx.deleteFrom('git_sources').where('organisation_id', '=', organisation_id).where('id', '=', id).execute()
}

/** The source as the API shows it. */
export function gitSourceOf(row: GitSourceTable): GitSource {
  const result = row.result === null ? undefined : fromJson(row.result)
  const paused = row.paused === null ? undefined : fromJson(row.paused)
  return {
    name: row.name,
    spec: fromJson(row.spec),
    state: paused ? 'paused' : (result?.state ?? 'new'),
    hasToken: row.has_token === 1,
    hasWebhook: row.has_webhook === 1,
    keyId: row.key_id,
    ...(paused && { paused }),
    ...(result?.head && { head: result.head }),
    ...(row.applied !== null && { applied: fromJson(row.applied) }),
    ...(result?.documents !== undefined && { documents: result.documents }),
    differing: result?.differing ?? 0,
    changes: result?.changes ?? [],
    kept: result?.kept ?? [],
    ...(result?.problem && { problem: result.problem }),
    ...(row.checked_at_ms !== null && { checkedAtMs: Number(row.checked_at_ms) }),
    nextAtMs: Number(row.next_at_ms),
    createdAtMs: Number(row.created_at_ms),
    changedAtMs: Number(row.changed_at_ms),
    changedBy: row.changed_by,
  }
}
