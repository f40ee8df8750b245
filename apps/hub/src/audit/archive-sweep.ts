/**
 * Archive sweep: the leader removes the records that an archive names, some at a time, the oldest first. Nothing is remembered of how far it has
 * got: what is named and still there goes, also after a kill in the middle.
 */
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Hub } from '../hub.ts'
import { lastArchive } from './archive-store.ts'

/** Some 20 ms, for which everybody else waits. */
const RECORDS_AT_ONCE = 1_000

/** Removes what is archived, in every organisation. */
export async function sweepArchives(hub: Hub): Promise<void> {
  for (const { id } of await hub.store.db.selectFrom('organisations').select('id').execute()) {
    const archive = await lastArchive(hub.store.db, id)
    if (archive) await removeThrough(hub, id, archive.sequence)
  }
}

async function removeThrough(hub: Hub, organisationId: OrganisationId, through: number): Promise<void> {
  while (!hub.signal.aborted) {
    const first = await hub.store.db
      .selectFrom('audit_records')
      .select('sequence')
      .where('organisation_id', '=', organisationId)
      .orderBy('sequence')
      .limit(1)
      .executeTakeFirst()
    if (!first || first.sequence > through) return
    const last = Math.min(through, first.sequence + RECORDS_AT_ONCE - 1)
    await hub.store.transaction((tx) =>
      tx
        .deleteFrom('audit_records')
        .where('organisation_id', '=', organisationId)
        .where('sequence', '<=', last)
        .execute(),
    )
  }
}
