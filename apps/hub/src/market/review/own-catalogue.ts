/**
 * Own catalogue: a catalogue that the hub signs for an organisation. The database has its index, and the folder follows:
 * after a crash between the two, the next sweep writes the index of the database again.
 */
import type { CatalogueIndex } from '@skerry/contract/market/catalogue'
import { SigningKeyId } from '@skerry/contract/models/trust'
import { needsRenewal, renewed } from '@skerry/core/market/review/own-index'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import { readEnvelope, writeEnvelope } from '@skerry/platform/market/catalogue-folder'
import { signCatalogue } from '@skerry/platform/signatures/catalogue-signature'
import { signingKeyId } from '@skerry/platform/signatures/dsse'
import type { Hub } from '../../hub.ts'
import { toJson } from '../../store/json-column.ts'
import type { Tx } from '../../store/store.ts'
import type { MarketCatalogueTable } from '../../store/tables/market/market-tables.ts'
import { signerFor } from '../../trust/signer.ts'
import { type CatalogueRow, saveRefresh, storedIndex } from '../catalogue-store.ts'
import { folderOf } from '../read-catalogue.ts'

type IndexColumns = Pick<
  MarketCatalogueTable,
  'keys' | 'index_version' | 'index_digest' | 'index_text' | 'listings' | 'expires_at_ms' | 'checked_at_ms' | 'problem'
>

/** The columns of an index that the hub has made. The organisation's active key signs it from now on. */
export async function ownIndexColumns(hub: Hub, row: Pick<CatalogueRow, 'organisation_id'>, index: CatalogueIndex) {
  const signer = await signerFor(hub.store.db, hub, row.organisation_id)
  const columns: IndexColumns = {
    keys: toJson([SigningKeyId.parse(signingKeyId(signer.publicKeyPem))]),
    index_version: index.version,
    index_digest: digestOf(Buffer.from(canonicalJson(index))),
    index_text: toJson(index),
    listings: new Set(index.listings.map(({ name }) => name)).size,
    expires_at_ms: index.expiresAtMs,
    checked_at_ms: hub.clock.nowMs(),
    problem: null,
  }
  return columns
}

/** Writes the signed index into the folder of the catalogue. */
export async function writeOwnIndex(hub: Hub, row: CatalogueRow, index: CatalogueIndex): Promise<void> {
  const { privateKeyPem } = await signerFor(hub.store.db, hub, row.organisation_id)
  await writeEnvelope(folderOf(hub, row), signCatalogue(index, [privateKeyPem]))
}

/** Signs the index again before it expires, and if the folder has another one than the database. */
export async function tendOwnCatalogue(hub: Hub, row: CatalogueRow): Promise<void> {
  const place = { organisationId: row.organisation_id, name: row.name }
  const index = await storedIndex(hub.store.db, place)
  if (!index) return
  const nowMs = hub.clock.nowMs()
  if (needsRenewal(index, nowMs)) {
    const next = renewed(index, nowMs)
    const columns = await ownIndexColumns(hub, row, next)
    const isNext = await hub.store.transaction((tx) => replaceOwnIndex(tx, row, columns))
    if (isNext) await writeOwnIndex(hub, row, next)
    return
  }
  if (!(await isInFolder(hub, row))) await writeOwnIndex(hub, row, index)
  await hub.store.transaction((tx) => saveRefresh(tx, place, { checked_at_ms: nowMs, problem: null }))
}

/** Whether the payload in the folder is the index of the database. */
async function isInFolder(hub: Hub, row: CatalogueRow): Promise<boolean> {
  const read = await readEnvelope(folderOf(hub, row))
  return read.ok && digestOf(Buffer.from(read.envelope.payload, 'base64')) === row.index_digest
}

/** Replaces the index that the row had. False if another hub or person has replaced it meanwhile. */
export async function replaceOwnIndex(tx: Tx, row: CatalogueRow, columns: IndexColumns): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('market_catalogues')
    .set(columns)
    .where('organisation_id', '=', row.organisation_id)
    .where('name', '=', row.name)
    .where('index_digest', '=', row.index_digest)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
