/**
 * Read catalogue: compares the index in a catalogue's folder with the last good one. A bad index changes nothing but
 * the shown problem: the last good one stays in use until it expires.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Catalogue, CatalogueEnvelope, CatalogueIndex } from '@skerry/contract/market/catalogue'
import type { Digest } from '@skerry/contract/values/digest'
import { Name } from '@skerry/contract/values/names'
import { expiryProblem, judgeCatalogue } from '@skerry/core/market/judge-catalogue'
import { readEnvelope } from '@skerry/platform/market/catalogue-folder'
import { openCatalogue } from '@skerry/platform/signatures/catalogue-signature'
import type { Hub } from '../hub.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import { signingKeys } from '../trust/trust-store.ts'
import { type CatalogueRow, knownIndexOf, type saveRefresh } from './catalogue-store.ts'

/** More folders than subscriptions are possible are not shown. */
const FOLDERS_SHOWN = 100

/** No name of a catalogue begins with a dot. */
const MIRRORS = '.mirrors'

/** The catalogues that the hub signs are in this folder. */
const OWN = '.own'

type Placed = Pick<CatalogueRow, 'organisation_id' | 'name' | 'url' | 'own'>

/**
 * A name is a DNS label, so it cannot leave the folder. Organisations share the folders that a person fills. A mirror
 * and an own catalogue belong to one organisation, so that nobody can change the catalogue of another one.
 */
export function folderOf({ config }: Pick<Hub, 'config'>, { organisation_id, name, url, own }: Placed): string {
  if (own === 1) return join(ownFolders({ config }), organisation_id, name)
  return url === null ? join(config.catalogues, name) : join(mirrorsOf({ config }), organisation_id, name)
}

/** The folder with the catalogues that the hub signs, of all organisations. */
export const ownFolders = ({ config }: Pick<Hub, 'config'>): string => join(config.catalogues, OWN)

/** The folder with the mirrors of all organisations. */
export const mirrorsOf = ({ config }: Pick<Hub, 'config'>): string => join(config.catalogues, MIRRORS)

/** The folders that look like catalogues. */
export async function catalogueFolders({ config }: Pick<Hub, 'config'>): Promise<string[]> {
  const entries = await readdir(config.catalogues, { withFileTypes: true }).catch(() => [])
  const names = entries.filter((entry) => entry.isDirectory() && Name.safeParse(entry.name).success)
  return names
    .map(({ name }) => name)
    .toSorted()
    .slice(0, FOLDERS_SHOWN)
}

type Problem = NonNullable<Catalogue['problem']>
export type ReadIndex = { ok: true; index: CatalogueIndex; digest: Digest } | ({ ok: false } & Problem)

/** The index in the folder, if the hub may use it. Revoked keys count no more. */
export async function readIndex(hub: Hub, row: CatalogueRow): Promise<ReadIndex> {
  const read = await readEnvelope(folderOf(hub, row))
  return read.ok ? judgeEnvelope(hub, row, read.envelope) : read
}

/** Whether the hub may use a signed index in place of its last good one. */
export async function judgeEnvelope(hub: Hub, row: CatalogueRow, envelope: CatalogueEnvelope): Promise<ReadIndex> {
  const wanted = fromJson(row.keys)
  const all = await signingKeys(hub.store.db, { organisationId: row.organisation_id, first: hub.signing })
  const trusted = all.filter(({ key_id, state }) => wanted.includes(key_id) && state !== 'revoked')
  const pems = trusted.map(({ public_key_pem }) => public_key_pem)
  const opened = openCatalogue(envelope, pems, row.signatures)
  if (!opened.ok) return opened
  const { index, digest } = opened
  const nowMs = hub.clock.nowMs()
  const verdict = judgeCatalogue({ name: row.name, known: knownIndexOf(row), index, digest, nowMs })
  return verdict.ok ? { ok: true, index, digest } : verdict
}

/** The columns that the result of a reading changes. */
export function refreshOf(hub: Hub, row: CatalogueRow, read: ReadIndex): Parameters<typeof saveRefresh>[2] {
  const nowMs = hub.clock.nowMs()
  if (!read.ok) {
    const { code, message } = read
    return { checked_at_ms: nowMs, problem: toJson({ code, message: message.slice(0, 500) }) }
  }
  const same = { checked_at_ms: nowMs, problem: null }
  if (row.index_digest === read.digest) return same
  const { index, digest } = read
  return {
    ...same,
    index_version: index.version,
    index_digest: digest,
    index_text: toJson(index),
    listings: new Set(index.listings.map(({ name }) => name)).size,
    expires_at_ms: index.expiresAtMs,
  }
}

/** Why nothing may be installed from the catalogue now. */
export function installProblem(row: CatalogueRow, nowMs: number): string | undefined {
  if (row.expires_at_ms === null) return 'the catalogue has no good index yet; "skerry market catalogue ls" shows why'
  return expiryProblem(Number(row.expires_at_ms), nowMs)
}
