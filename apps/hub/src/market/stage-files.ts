/**
 * Stage files: makes the files of a listing blobs of the hub, so that the steps of the installation can name them. The
 * bytes always come from the catalogue: a listing must not reach a blob of another organisation by naming its digest.
 */

import type { Listing, VersionItem } from '@skerry/contract/market/listing'
import type { Digest } from '@skerry/contract/values/digest'
import type { FilledBlob } from '@skerry/core/market/install-steps'
import { measureCatalogueBlob, readCatalogueBlob, streamCatalogueBlob } from '@skerry/platform/market/catalogue-folder'
import { refuseRemoved } from '../blobs/blob-store.ts'
import { problem, throwProblem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'

/** Smaller files are held in memory once; larger ones are streamed. */
const IN_MEMORY_BYTES = 16 * 1_048_576

export type StagedFile = { digest: Digest; sizeBytes: number }

/** Stores the bytes, and returns the files that the organisation has to hold. */
export async function stageFiles(
  hub: Hub,
  { folder, listing, blobs }: { folder: string; listing: Listing; blobs: readonly FilledBlob[] },
  signal: AbortSignal,
): Promise<StagedFile[]> {
  const files = new Map(listing.versions.flatMap(pushedFiles))
  for (const [digest, sizeBytes] of files) await stageFile(hub, folder, { digest, sizeBytes }, signal)
  for (const { digest, text } of blobs) {
    const bytes = Buffer.from(text)
    await hub.blobGuard.exclusive(digest, async () => {
      await refuseRemoved(hub.store.db, digest)
      await hub.blobs.put(digest, bytes, signal)
    })
    files.set(digest, bytes.length)
  }
  return [...files].map(([digest, sizeBytes]) => ({ digest, sizeBytes }))
}

/** A template is pushed with settings in it, so its own bytes are not needed. */
const pushedFiles = ({ files, template }: VersionItem): [Digest, number][] =>
  files.filter(({ path }) => path !== template?.path).map(({ digest, sizeBytes }) => [digest, sizeBytes])

async function stageFile(hub: Hub, folder: string, file: StagedFile, signal: AbortSignal): Promise<void> {
  const { digest, sizeBytes } = file
  await hub.blobGuard.exclusive(digest, async () => {
    await refuseRemoved(hub.store.db, digest)
    if (sizeBytes <= IN_MEMORY_BYTES) {
      const read = await readCatalogueBlob(folder, digest, IN_MEMORY_BYTES)
      if (!read.ok) throw tampered(digest)
      await hub.blobs.put(digest, read.bytes, signal)
    } else await streamFile(hub, folder, file, signal)
  })
}

async function streamFile(hub: Hub, folder: string, { digest, sizeBytes }: StagedFile, signal: AbortSignal) {
  const measured = await measureCatalogueBlob(folder, digest, signal)
  if (measured?.digest !== digest || measured.sizeBytes !== sizeBytes) throw tampered(digest)
  if ((await hub.blobs.sizeOf(digest, signal)) === sizeBytes) return
  await using incoming = await hub.blobs.incoming.open(hub.ids.upload(), { digest, sizeBytes }, signal)
  if (!incoming) throw problem('hub_unavailable')
  for await (const chunk of streamCatalogueBlob(folder, digest)) await incoming.append(chunk)
  const committed = await incoming.commit()
  if (!committed.ok) throwProblem(committed)
}

const tampered = (digest: Digest) =>
  problem(
    'listing_tampered',
    `the file ${digest} is missing or has other bytes than the listing says; get the catalogue again`,
  )
