/** Group store: groups as records, and selectors with their groups expanded. */
import { GROUPS_MAX, type Group, type GroupSpec } from '@skerry/contract/groups/group'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { expandGroups, groupNames } from '@skerry/core/groups/group-text'
import { problem } from '../http/problem.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { DeviceGroupTable } from '../store/tables/place-tables.ts'

type GroupPage = { organisationId: OrganisationId; limit: number; after?: string | undefined }

/** One page of groups, by name. */
export async function listGroups(db: Db, { organisationId, limit, after }: GroupPage): Promise<Group[]> {
  const rows = await db
    .selectFrom('device_groups')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .$if(after !== undefined, (select) => select.where('name', '>', after ?? ''))
    .orderBy('name')
    .limit(limit)
    .execute()
  return rows.map(groupOf)
}

/** Undefined if there is none. */
export async function findGroup(db: Db, organisationId: OrganisationId, name: string): Promise<Group | undefined> {
  const row = await db
    .selectFrom('device_groups')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('name', '=', name)
    .executeTakeFirst()
  return row && groupOf(row)
}

type SavedGroup = { organisationId: OrganisationId; name: string; spec: GroupSpec; nowMs: number; by: string }

/** Inserts the group at revision 1, or replaces the given one. */
export async function saveGroup(tx: Tx, current: Group | undefined, saved: SavedGroup): Promise<void> {
  const { organisationId, name, spec, nowMs, by } = saved
  if (!current && (await listGroups(tx, { organisationId, limit: GROUPS_MAX })).length >= GROUPS_MAX)
    throw problem('group_refused', `an organisation has at most ${GROUPS_MAX} groups`)
  const changed = {
    spec: toJson(spec),
    revision: (current?.revision ?? 0) + 1,
    changed_at_ms: nowMs,
    changed_by: by,
  }
  await tx
    .insertInto('device_groups')
    .values({ organisation_id: organisationId, name, created_at_ms: nowMs, ...changed })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'name']).doUpdateSet(changed))
    .execute()
}

export const deleteGroup = (tx: Tx, organisationId: OrganisationId, name: string) =>
  tx.deleteFrom('device_groups').where('organisation_id', '=', organisationId).where('name', '=', name).execute()

/** The selectors of these groups by name, in one query. */
async function selectorsOf(db: Db, organisationId: OrganisationId, names: readonly string[]) {
  if (names.length === 0) return new Map<string, string>()
  const rows = await db
    .selectFrom('device_groups')
    .select(['name', 'spec'])
    .where('organisation_id', '=', organisationId)
    .where('name', 'in', names)
    .execute()
  return new Map(rows.map(({ name, spec }) => [name, fromJson(spec).selector]))
}

/** The selectors with their groups expanded. Without a group in them, they cost no query. */
export async function expandSelectors(
  db: Db,
  organisationId: OrganisationId,
  texts: readonly string[],
): Promise<(text: string) => string> {
  const known = await selectorsOf(db, organisationId, [...new Set(texts.flatMap(groupNames))])
  return (text) => {
    const expanded = expandGroups(text, known)
    if (expanded.ok) return expanded.text
    throw problem(
      'selector_invalid',
      `the selector names the group ${expanded.missing}, which does not exist; "skerry group ls" lists the groups`,
    )
  }
}

/** One selector with its groups expanded. */
export async function expandSelector(db: Db, organisationId: OrganisationId, text: string): Promise<string> {
  return (await expandSelectors(db, organisationId, [text]))(text)
}

const groupOf = ({ name, spec, revision, created_at_ms, changed_at_ms, changed_by }: DeviceGroupTable): Group => ({
  name,
  spec: fromJson(spec),
  revision,
  createdAtMs: Number(created_at_ms),
  changedAtMs: Number(changed_at_ms),
  changedBy: changed_by,
})
