/** DDI image: the stored image of an action. */

import { SWU_PATH } from '@skerry/contract/kinds/os'
import type { SwuImage } from '@skerry/contract/os/os-image'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { DdiAction } from '@skerry/core/ddi/ddi-record'
import { problem } from '../http/problem.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import { fileNameOf, type OfferedImage } from './ddi-documents.ts'

/** Throws if the version was removed. A deployment in force keeps its versions, so this is rare. */
export async function offeredImage(db: Db, organisationId: OrganisationId, action: DdiAction): Promise<OfferedImage> {
  const row = await db
    .selectFrom('versions')
    .innerJoin('version_files', 'version_files.version_id', 'versions.id')
    .select(['versions.summary', 'version_files.digest', 'version_files.size_bytes'])
    .where('versions.organisation_id', '=', organisationId)
    .where('versions.name', '=', action.target.name)
    .where('versions.version', '=', action.target.version)
    .where('version_files.path', '=', SWU_PATH)
    .executeTakeFirst()
  if (!row) throw problem('ddi_action_unknown')
  const image = fromJson(row.summary) as SwuImage
  return { image, digest: row.digest, sizeBytes: row.size_bytes, fileName: fileNameOf(action) }
}
