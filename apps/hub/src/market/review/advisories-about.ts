/** Advisories about: the imported advisories that name one of the packages of a submission. */
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { OsvAdvisory } from '@skerry/contract/vulnerabilities/osv'
import { fromJson } from '../../store/json-column.ts'
import { piecesOf } from '../../store/many-rows.ts'
import type { Db } from '../../store/store.ts'
import { countAdvisories, listAdvisories } from '../../vulnerabilities/vulnerability-store.ts'

/** Undefined if the organisation has imported none, so that nothing is known. */
export async function advisoriesAbout(
  db: Db,
  organisationId: OrganisationId,
  packages: readonly string[],
): Promise<readonly OsvAdvisory[] | undefined> {
  if ((await countAdvisories(db, organisationId)) === 0) return undefined
  const ids = new Set<string>()
  for (const piece of piecesOf([...new Set(packages)])) {
    const rows = await db
      .selectFrom('advisory_packages')
      .select('advisory')
      .distinct()
      .where('organisation_id', '=', organisationId)
      .where('package', 'in', piece)
      .execute()
    for (const { advisory } of rows) ids.add(advisory)
  }
  const found = await listAdvisories(db, organisationId, [...ids])
  return [...found.values()].map(({ document }) => fromJson(document))
}
