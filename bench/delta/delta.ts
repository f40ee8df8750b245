/**
 * delta: the bytes that a device moves for six kinds of change, by chunks and by other tools in the same run: the whole
 * file, zstd, zsync, casync, and bsdiff, which needs a patch for each pair of versions. The part `site-caches` counts
 * the bytes of the hub for 10,000 devices with a cache for each 100.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { changes } from './changes.ts'
import { chunkBytes } from './chunk-bytes.ts'
import { bsdiffBytes, casyncBytes, zstdBytes, zsyncBytes } from './rivals.ts'
import { siteCacheBytes } from './site-caches.ts'

/** Runs the benchmark; takes some minutes, most of them in bsdiff. With `--part NAME`, for one change. */
export async function run({ part }: { part: string }): Promise<object> {
  const results: Record<string, object> = {}
  for (const [name, make] of Object.entries(changes)) {
    if (part !== '' && part !== name) continue
    const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-delta-'))
    try {
      const { before, after } = await make()
      await writeFile(join(folder, 'before'), before)
      await writeFile(join(folder, 'after'), after)
      const skerry = await chunkBytes(folder, { before, after })
      const zstd = zstdBytes(after)
      const zsync = await zsyncBytes(folder)
      const casync = await casyncBytes(folder)
      const bsdiff = await bsdiffBytes(folder)
      const bytes = { full: after.length, skerry, zstd, zsync, casync, bsdiff }
      results[name] = {
        bytes,
        ofBestRival: skerry / Math.min(zstd, zsync, casync),
        ofBsdiff: skerry / bsdiff,
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  if (part === '' || part === 'site-caches') results['site-caches'] = await siteCacheBytes()
  return { benchmark: 'delta', ...results }
}
