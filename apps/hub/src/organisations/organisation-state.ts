/** Organisation state: whether people, keys and devices of an organisation get in. */
import type { OrganisationId } from '@skerry/contract/values/ids'
import { problem } from '../http/problem.ts'
import type { Db } from '../store/store.ts'

/** One row, by its key: asked when somebody comes in, and when an operator has changed something. */
export async function isOpen(db: Db, id: OrganisationId): Promise<boolean> {
  const row = await db.selectFrom('organisations').select('disabled_at_ms').where('id', '=', id).executeTakeFirst()
  return row !== undefined && row.disabled_at_ms == null
}

/** Throws where nobody gets in. */
export async function requireOpen(db: Db, id: OrganisationId): Promise<void> {
  if (!(await isOpen(db, id))) throw problem('organisation_disabled')
}
