/** Site caches: the devices that a setting names as caches, and their addresses. */

export type NamedCache = { device: string; address: string }

/**
 * The caches that a device may use, in their order. A cache itself uses only the ones before it, so that no two caches
 * wait for each other, and the first one fetches from the hub.
 */
export function cachesFor(lines: readonly string[] | undefined, device: string): NamedCache[] {
  const caches = namedCaches(lines)
  const at = caches.findIndex((cache) => cache.device === device)
  return at === -1 ? caches : caches.slice(0, at)
}

/** All caches of the setting, in their order. */
export const namedCaches = (lines: readonly string[] | undefined): NamedCache[] => (lines ?? []).map(cacheIn)

function cacheIn(line: string): NamedCache {
  const at = line.indexOf('=')
  return { device: line.slice(0, at), address: line.slice(at + 1) }
}

/** A file in a cache: the time of its last use, by any clock that only moves forward. */
export type CachedFile = { digest: string; sizeBytes: number; usedAtMs: number }

/** The files in the order in which they make room. */
export const oldestFirst = <File extends CachedFile>(files: readonly File[]): File[] =>
  files.toSorted((one, other) => one.usedAtMs - other.usedAtMs)

/**
 * The files to remove so that so many more bytes fit: the ones whose last use is longest ago. Undefined if the file is
 * larger than the whole cache.
 */
export function filesToRemove<File extends CachedFile>(
  files: readonly File[],
  { sizeBytes, bytesMax }: { sizeBytes: number; bytesMax: number },
): File[] | undefined {
  if (sizeBytes > bytesMax) return undefined
  let total = sizeBytes + files.reduce((sum, file) => sum + file.sizeBytes, 0)
  const removed: File[] = []
  for (const file of oldestFirst(files)) {
    if (total <= bytesMax) break
    total -= file.sizeBytes
    removed.push(file)
  }
  return removed
}
