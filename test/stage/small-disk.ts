/** Small disk: a file system of its own of a few hundred megabytes, in a file, for who wants to fill one. Only root may mount it. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, statfs, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export type SmallDisk = AsyncDisposable & {
  path: string
  freeBytes(): Promise<number>
  /** Takes what is free, but for so much; all of it where that is nothing. */
  fill(leaveBytes: number): Promise<void>
  empty(): Promise<void>
}

const BLOCK_BYTES = 4_096

/** Undefined where nothing can be mounted here. */
export async function mountSmallDisk(sizeBytes: number): Promise<SmallDisk | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-disk-'))
  const image = join(folder, 'image')
  const path = join(folder, 'disk')
  await mkdir(path)
  await writeFile(image, '')
  // Sparse: what is never written takes nothing.
  await truncate(image, sizeBytes)
  try {
    await run('mkfs.ext4', ['-q', '-m', '0', '-b', String(BLOCK_BYTES), image])
    await run('mount', ['-o', 'loop', image, path])
  } catch {
    await rm(folder, { recursive: true, force: true })
    return undefined
  }
  const freeBytes = async () => {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  }
  const filling = join(path, 'filling')
  let fillings = 0
  return {
    path,
    freeBytes,
    async fill(leaveBytes) {
      // Blocks that are promised are as good as written. A file may need some itself, so that the last ones are taken by ever smaller files.
      for (let left = await freeBytes(); left > leaveBytes; left = await freeBytes()) {
        const bytes = Math.max(BLOCK_BYTES, Math.floor((left - leaveBytes) / BLOCK_BYTES / 2) * BLOCK_BYTES)
        await run('fallocate', ['-l', String(bytes), `${filling}-${fillings++}`]).catch(() => undefined)
        if ((await freeBytes()) === left) return
      }
    },
    empty: async () => void (await run('sh', ['-c', `rm -f ${filling}-*`])),
    async [Symbol.asyncDispose]() {
      await run('umount', [path])
      await rm(folder, { recursive: true, force: true })
    },
  }
}
