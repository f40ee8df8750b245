/**
 * Mirror catalogue: fetches a catalogue from a web server or a registry into a folder of this hub. It fetches only files that are missing,
 * each by its digest, and replaces the index last. So a reader finds the old catalogue or the new one. The signature,
 * the number and the expiry of the index are judged before any file is fetched.
 */
import type { IncomingMessage } from 'node:http'
import {
  CATALOGUE_BYTES_MAX,
  type CatalogueEntry,
  CatalogueEnvelope,
  type CatalogueProblemCode,
  CERTIFICATE_BYTES_MAX,
} from '@skerry/contract/market/catalogue'
import { LISTING_BYTES_MAX } from '@skerry/contract/market/listing'
import type { Digest } from '@skerry/contract/values/digest'
import { listingFiles } from '@skerry/core/market/listing-files'
import {
  measureCatalogueBlob,
  sizeOfCatalogueBlob,
  storeCatalogueBlob,
  writeEnvelope,
} from '@skerry/platform/market/catalogue-folder'
import type { Hub } from '../hub.ts'
import type { CatalogueRow } from './catalogue-store.ts'
import { readListing } from './open-listing.ts'
import { type CatalogueOrigin, originOf } from './origin/catalogue-origin.ts'
import { bytesUpTo } from './origin/read-answer.ts'
import { folderOf, judgeEnvelope } from './read-catalogue.ts'

export type Pull = {
  row: CatalogueRow
  url: string
  timeoutMs: number
  /** Verifies the files that are here, and fetches damaged ones again. */
  isThorough: boolean
  /** Counts the fetched files. */
  fetched: { files: number; bytes: number }
}

export type Pulled = { ok: true } | { ok: false; code: CatalogueProblemCode; message: string }

/** The tags of indices whose files are all here, so that an unchanged catalogue moves nothing. */
const tagsBy = new WeakMap<Hub, Map<string, string>>()

/** Fetches the catalogue. The hub keeps the blobs of a broken transfer for the next one. Rejects only when the signal fires. */
export async function pullCatalogue(hub: Hub, pull: Pull, signal: AbortSignal): Promise<Pulled> {
  const limit = AbortSignal.timeout(pull.timeoutMs)
  try {
    return await pullAll(hub, pull, AbortSignal.any([signal, limit]))
  } catch (error) {
    signal.throwIfAborted()
    if (limit.aborted) {
      const { files } = pull.fetched
      return problem(
        'catalogue_incomplete',
        `the mirror is not complete yet: ${files} files came, and the hub continues`,
      )
    }
    return problem('catalogue_unreachable', error instanceof Error ? error.message : 'no reason given')
  }
}

const problem = (code: CatalogueProblemCode, message: string) => ({ ok: false, code, message }) as const

async function pullAll(hub: Hub, pull: Pull, signal: AbortSignal): Promise<Pulled> {
  const { row, isThorough } = pull
  const folder = folderOf(hub, row)
  const tags = tagsBy.get(hub) ?? new Map<string, string>()
  tagsBy.set(hub, tags)
  const known = isThorough ? undefined : tags.get(folder)
  const origin = originOf(hub.webhooks, pull.url)
  const came = await origin.index(known, signal)
  if (came.isSame) return { ok: true }
  const envelope = await envelopeOf(came.answer)
  if (!envelope.ok) return envelope
  const judged = await judgeEnvelope(hub, row, envelope.envelope)
  if (!judged.ok) return judged
  for (const entry of judged.index.listings) {
    const missing = await pullEntry(hub, { ...pull, origin, folder, entry }, signal)
    if (!missing.ok) return missing
  }
  await writeEnvelope(folder, envelope.envelope)
  if (came.tag !== undefined) tags.set(folder, came.tag)
  return { ok: true }
}

type ReadAnswer = { ok: true; envelope: CatalogueEnvelope } | Extract<Pulled, { ok: false }>

async function envelopeOf(answer: IncomingMessage): Promise<ReadAnswer> {
  if (answer.statusCode !== 200) {
    answer.destroy()
    return problem('catalogue_unreachable', `the server answered ${answer.statusCode} for index.json`)
  }
  // The payload is base64 in JSON.
  const bytes = await bytesUpTo(answer, 2 * CATALOGUE_BYTES_MAX)
  if (!bytes) return problem('catalogue_unreadable', 'index.json is too large')
  try {
    const parsed = CatalogueEnvelope.safeParse(JSON.parse(bytes.toString('utf8')))
    if (parsed.success) return { ok: true, envelope: parsed.data }
    return problem('catalogue_unreadable', `index.json is no signed index: ${parsed.error.issues[0]?.message}`)
  } catch {
    return problem('catalogue_unreadable', 'index.json is no JSON')
  }
}

type EntryPull = Pull & { origin: CatalogueOrigin; folder: string; entry: CatalogueEntry }

/** The files of one version: the listing first, because it names the others. */
async function pullEntry(hub: Hub, pull: EntryPull, signal: AbortSignal): Promise<Pulled> {
  const { entry, folder } = pull
  const heads = [
    { digest: entry.digest, sizeBytes: LISTING_BYTES_MAX },
    ...(entry.certificate ? [{ digest: entry.certificate.digest, sizeBytes: CERTIFICATE_BYTES_MAX }] : []),
  ]
  for (const file of heads) {
    const came = await pullFile(hub, pull, file, signal)
    if (!came.ok) return came
  }
  const listing = await readListing(folder, entry).catch(() => undefined)
  if (!listing)
    return problem('catalogue_incomplete', `${entry.name}@${entry.version} is no listing; tell its publisher`)
  for (const file of listingFiles(listing)) {
    const came = await pullFile(hub, pull, file, signal)
    if (!came.ok) return came
  }
  return { ok: true }
}

type WantedFile = { digest: Digest; sizeBytes: number }

async function pullFile(hub: Hub, pull: EntryPull, file: WantedFile, signal: AbortSignal): Promise<Pulled> {
  const { folder, entry, fetched } = pull
  const { digest, sizeBytes } = file
  if (await isHere(pull, digest, signal)) return { ok: true }
  const name = `the file ${digest} of ${entry.name}@${entry.version}`
  if (!(await hub.disk.hasRoomFor(sizeBytes)))
    return problem('catalogue_incomplete', `the disk has no room for ${name}`)
  const answer = await pull.origin.blob(digest, signal)
  if (answer.statusCode !== 200) {
    answer.destroy()
    return problem('catalogue_incomplete', `the server answered ${answer.statusCode} for ${name}`)
  }
  const stored = await storeCatalogueBlob(folder, { digest, maxBytes: sizeBytes }, answer)
  if (!stored.ok) return problem('catalogue_incomplete', `the server sent other bytes for ${name}`)
  fetched.files += 1
  fetched.bytes += stored.sizeBytes
  return { ok: true }
}

const isHere = async ({ folder, isThorough }: EntryPull, digest: Digest, signal: AbortSignal): Promise<boolean> =>
  isThorough
    ? (await measureCatalogueBlob(folder, digest, signal))?.digest === digest
    : (await sizeOfCatalogueBlob(folder, digest)) !== undefined
