/** Accept submission: copies the files of a submission into the organisation's catalogue, and publishes its entry. */
import type { OrganisationId } from '@skerry/contract/values/ids'
import { publishInto } from '@skerry/core/market/review/own-index'
import { sizeOfCatalogueBlob, storeCatalogueBlob } from '@skerry/platform/market/catalogue-folder'
import { openSubmission } from '@skerry/platform/signatures/submission-signature'
import type { KeyCall } from '../../http/call.ts'
import { problem } from '../../http/problem.ts'
import type { Hub } from '../../hub.ts'
import { fromJson } from '../../store/json-column.ts'
import type { MarketSubmissionTable } from '../../store/tables/market/market-tables.ts'
import { signingKeys } from '../../trust/trust-store.ts'
import { type CatalogueRow, findCatalogue, storedIndex } from '../catalogue-store.ts'
import { folderOf } from '../read-catalogue.ts'
import { ownIndexColumns, replaceOwnIndex, writeOwnIndex } from './own-catalogue.ts'
import { decideSubmission, type HeldFile, submissionFiles } from './submission-store.ts'

/** The organisation's own catalogue of the name; throws if it has none. */
export async function ownCatalogue(hub: Hub, organisationId: OrganisationId, name: string): Promise<CatalogueRow> {
  const row = await findCatalogue(hub.store.db, { organisationId, name })
  if (!row) throw problem('catalogue_unknown')
  if (row.own === 1) return row
  throw problem(
    'submission_refused',
    `the catalogue ${name} comes from a publisher; begin one of your own with "skerry market catalogue create"`,
  )
}

/** The public keys of the organisation that are not revoked. */
export async function trustedKeys(hub: Hub, organisationId: OrganisationId): Promise<string[]> {
  const all = await signingKeys(hub.store.db, { organisationId, first: hub.signing })
  return all.filter(({ state }) => state !== 'revoked').map(({ public_key_pem }) => public_key_pem)
}

/** Publishes the submission. The files come first, so that a reader of the index finds all of them. */
export async function acceptSubmission(
  { hub, organisationId, caller, change }: KeyCall,
  row: MarketSubmissionTable,
  signal: AbortSignal,
): Promise<void> {
  const { id } = row
  // The key may have been revoked since.
  const opened = openSubmission(fromJson(row.envelope), await trustedKeys(hub, organisationId))
  if (!opened.ok) throw problem('submission_refused', opened.message)
  const catalogue = await ownCatalogue(hub, organisationId, row.catalogue)
  const files = await submissionFiles(hub.store.db, { organisationId, id })
  using _pins = hub.blobGuard.pin(files.map(({ digest }) => digest))
  for (const file of files) await copyFile(hub, folderOf(hub, catalogue), file, signal)
  const index = await storedIndex(hub.store.db, { organisationId, name: catalogue.name })
  if (!index) throw problem('catalogue_unknown')
  const nowMs = hub.clock.nowMs()
  const next = publishInto(index, fromJson(row.entry), nowMs)
  const nextIndex = next.ok ? next.index : index
  const columns = await ownIndexColumns(hub, catalogue, nextIndex)
  await change(async (tx, note) => {
    note.object = { kind: 'submission', id }
    note.detail = { listing: row.listing, version: row.version, catalogue: row.catalogue, index: nextIndex.version }
    const decided = { state: 'accepted', decided_at_ms: nowMs, decided_by: caller.name, reason: null } as const
    // This comes first: a reviewer who was second must read that, and not that the version is published.
    if (!(await decideSubmission(tx, { organisationId, id }, decided))) throw problem('submission_decided')
    if (!next.ok) throw problem('submission_refused', next.message)
    if (!(await replaceOwnIndex(tx, catalogue, columns)))
      throw problem('hub_unavailable', 'another publication into the catalogue came first; accept it again')
  })
  // If this process ends here, the next sweep writes the index.
  await writeOwnIndex(hub, catalogue, nextIndex)
}

async function copyFile(hub: Hub, folder: string, { digest, sizeBytes }: HeldFile, signal: AbortSignal): Promise<void> {
  if ((await sizeOfCatalogueBlob(folder, digest)) === sizeBytes) return
  const bytes = hub.blobs.read(digest, {}, signal)
  const stored = await storeCatalogueBlob(folder, { digest, maxBytes: sizeBytes }, bytes)
  if (!stored.ok) throw problem('submission_refused', `the file ${digest} is damaged; submit the version again`)
}
