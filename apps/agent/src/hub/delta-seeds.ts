/** Delta seeds: the files on this disk that may share bytes with a wanted one. */
import { CHUNKED_BYTES_MIN } from '@skerry/contract/chunks/chunk-index'
import type { Digest } from '@skerry/contract/values/digest'
import type { Seed } from '@skerry/platform/chunks/find-seeds'
import type { FileHandle } from '@skerry/platform/files/file-system'

export type SeedFiles = {
  list(): AsyncIterable<{ digest: Digest; sizeBytes: number }>
  /** Undefined if the file is missing, or cannot be read now. */
  open(digest: Digest): Promise<FileHandle | undefined>
}

/** The two files of most updates, and others that come from the same original. Reading more takes too long. */
const SEEDS_MAX = 16

/** Versions of a model have nearly the same size, so files of a similar size come first. */
export async function seedsFor({ list, open }: SeedFiles, sizeBytes: number): Promise<Seed[]> {
  const files: { digest: Digest; sizeBytes: number }[] = []
  for await (const file of list()) if (file.sizeBytes >= CHUNKED_BYTES_MIN) files.push(file)
  const distance = (file: { sizeBytes: number }) => Math.abs(Math.log(file.sizeBytes / sizeBytes))
  return files
    .sort((one, other) => distance(one) - distance(other))
    .slice(0, SEEDS_MAX)
    .map((file) => ({ digest: file.digest, sizeBytes: file.sizeBytes, open: () => open(file.digest) }))
}
