/**
 * Take place: replaces a folder with a fresh one that was built beside it. Several processes may do so at once. A
 * reader sees a whole folder, or none for a moment. A process that comes second uses the existing folder if that has
 * the same stamp.
 */
import { readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** The file in such a folder that says what it was made of. */
export const STAMP_NAME = '.sources'

/** Each try is lost to somebody who has just made a folder of something else: more of them than of programs that do so at once. */
const TRIES_MAX = 10

/** `isTakenWhereSame`: a folder that was made of the same stays even where there was no race. */
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

/** False where somebody else has put another there in between. */
async function replace(fresh: string, place: string): Promise<boolean> {
  const before = `${fresh}-before`
  await unless(['ENOENT'], rename(place, before))
  try {
    return await unless(['ENOTEMPTY', 'EEXIST', 'EPERM'], rename(fresh, place))
  } finally {
    await rm(before, { recursive: true, force: true })
  }
}

/** False where it failed so. */
async function unless(codes: readonly string[], work: Promise<void>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && codes.includes(String(error.code))) return false
    throw error
  }
}
