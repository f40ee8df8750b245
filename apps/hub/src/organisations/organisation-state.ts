/** Organisation state: whether people, keys and devices of an organisation have access. */
import type { OrganisationId } from '@skerry/contract/values/ids'
import { problem } from '../http/problem.ts'
import { compileFirst } from '../store/compiled-query.ts'
import type { Db } from '../store/store.ts'

/** Reads one row by its key. It runs when a caller signs in, and after a change by an operator. */
export async function isOpen(db: Db, id: OrganisationId): Promise<boolean> {
  const row = await disabledAt(db, id)
  return row !== undefined && row.disabled_at_ms == null
}

const disabledAt = compileFirst((db, id) =>
  db
    .selectFrom('organisations')
    .select('disabled_at_ms')
    .where('id', '=', id as OrganisationId),
)

/** Throws if the organisation is disabled. */
export async function requireOpen(db: Db, id: OrganisationId): Promise<void> {
  if (!(await isOpen(db, id))) throw problem('organisation_disabled')
}
