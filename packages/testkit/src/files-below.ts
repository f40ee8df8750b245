/**
 * Files below a folder in which programs are at work. They remove temporary files and folders between a listing and a
 * read, so a file that is gone by then counts as absent.
 */
import type { Dirent } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

type FileBelow = { path: string; bytes: Buffer }

/** All of them, one after the other. The folder itself must be there. */
export async function* filesBelow(root: string): AsyncGenerator<FileBelow> {
  yield* filesOf(await readdir(root, { withFileTypes: true }))
}

async function* filesOf(entries: readonly Dirent[]): AsyncGenerator<FileBelow> {
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory()) yield* filesOf((await unlessGone(readdir(path, { withFileTypes: true }))) ?? [])
    const bytes = entry.isFile() ? await unlessGone(readFile(path)) : undefined
    if (bytes) yield { path, bytes }
  }
}

const unlessGone = <Found>(read: Promise<Found>): Promise<Found | undefined> =>
  read.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })

/** The paths of the files that have one of these in them. */
export async function filesWith(root: string, ...needles: readonly (Buffer | string)[]): Promise<string[]> {
  const paths: string[] = []
  for await (const { path, bytes } of filesBelow(root))
    if (needles.some((needle) => bytes.includes(needle))) paths.push(path)
  return paths
}
