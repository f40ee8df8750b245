/**
 * Take place: replaces a folder with a fresh one that was built beside it. Several processes may do so at once. A
 * reader sees a whole folder, or none for a moment. A process that comes second uses the existing folder if that has
 * the same stamp.
 */
import { readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** The file in such a folder that records its sources. */
export const STAMP_NAME = '.sources'

/**
 * A try fails if another process has just put a folder with other sources there. The limit is higher than the number of
 * such processes.
 */
const TRIES_MAX = 10

/** `isTakenWhereSame`: a folder with the same sources stays, even if there was no race. */
export async function takePlace(fresh: string, place: string, isTakenWhereSame: boolean): Promise<void> {
  const stamp = await stampOf(fresh)
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    if ((isTakenWhereSame || tries > 0) && (await stampOf(place)) === stamp) return
    if (await replace(fresh, place)) return
  }
  throw new Error(`${place} is made anew by others again and again`)
}

const stampOf = (folder: string): Promise<string | undefined> =>
  readFile(join(folder, STAMP_NAME), 'utf8').catch(() => undefined)

/** Returns false if another process has put a different folder there in between. */
async function replace(fresh: string, place: string): Promise<boolean> {
  const before = `${fresh}-before`
  await unless(['ENOENT'], rename(place, before))
  try {
    return await unless(['ENOTEMPTY', 'EEXIST', 'EPERM'], rename(fresh, place))
  } finally {
    await rm(before, { recursive: true, force: true })
  }
}

/** Returns false if the work failed with one of the codes. */
async function unless(codes: readonly string[], work: Promise<void>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && codes.includes(String(error.code))) return false
    throw error
  }
}
