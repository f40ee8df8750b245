/** Blob index: what is in the blob folder, kept in memory, so that a pass of the plan does not walk the disk. */
import type { Digest } from '@skerry/contract/values/digest'
import type { BlobFolder } from '@skerry/platform/blobs/blob-folder'

export type BlobIndex = {
  blobs(): ReadonlyMap<Digest, number>
  /** Those that are still arriving. */
  parts(): Promise<ReadonlyMap<Digest, number>>
  add(digest: Digest, sizeBytes: number): void
  /** It turned out to be gone or damaged, and is out of the way. */
  drop(digest: Digest): void
  /** Removes it from the disk too. */
  remove(digest: Digest): Promise<void>
  /** Finds what has come into the folder by other ways. */
  rescan(): Promise<void>
  /** False while a transfer holds it. */
  removePart(digest: Digest): Promise<boolean>
}

/** Walks the folder once. */
export async function openBlobIndex(
  folder: Pick<BlobFolder, 'list' | 'listParts' | 'remove' | 'removePart'>,
): Promise<BlobIndex> {
  const blobs = new Map<Digest, number>()
  const rescan = async () => {
    for await (const { digest, sizeBytes } of folder.list()) blobs.set(digest, sizeBytes)
  }
  await rescan()
  return {
    blobs: () => blobs,
    async parts() {
      const parts = await folder.listParts()
      return new Map(parts.map(({ key, sizeBytes }) => [key.replace(/^sha256-/, 'sha256:') as Digest, sizeBytes]))
    },
    add: (digest, sizeBytes) => void blobs.set(digest, sizeBytes),
    drop: (digest) => void blobs.delete(digest),
    async remove(digest) {
      blobs.delete(digest)
      await folder.remove(digest)
    },
    rescan,
    removePart: (digest) =>
      folder.removePart(digest).then(
        () => true,
        () => false,
      ),
  }
}
