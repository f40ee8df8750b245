/** Connected protocols: the kinds of equipment that an organisation reads, by which listings are recommended. */
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Db } from '../../store/store.ts'

/** Without the simulator, which is no equipment. */
export async function connectedProtocols(db: Db, organisationId: OrganisationId): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('connections')
    .select('protocol')
    .distinct()
    .where('organisation_id', '=', organisationId)
    .where('kind', '=', 'source')
    .where('protocol', '<>', 'simulator')
    .execute()
  return new Set(rows.map(({ protocol }) => protocol))
}
