/**
 * Dropped files: the files that a person dropped or chose, with the contents of folders. Each path begins below the
 * dropped folder.
 */
import type { LocalFile } from './file-plan.ts'

/**
 * A version has no more files (contract, PushRequest). A person who drops their home folder must not wait for a walk
 * over all of it.
 */
export const FILES_MAX = 2_000

/**
 * The files of a drop, with the contents of folders. Call it within the event, because the browser clears the data
 * afterwards.
 */
export async function filesOfDrop(data: DataTransfer): Promise<LocalFile[]> {
  const entries = [...data.items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  if (entries.length === 0) return [...data.files].map((file) => local(file, file.name))
  const found: LocalFile[] = []
  for (const entry of entries) await walk(entry, found)
  return found
}

/** The files of an `<input type="file">`, with or without their folders. */
export const filesOfInput = (list: FileList): LocalFile[] =>
  [...list].slice(0, FILES_MAX).map((file) => local(file, file.webkitRelativePath || file.name))

const local = (file: File, path: string): LocalFile => ({ path, sizeBytes: file.size, file })

async function walk(entry: FileSystemEntry, found: LocalFile[]): Promise<void> {
  // Hidden files belong to the system and the editor.
  if (found.length >= FILES_MAX || entry.name.startsWith('.')) return
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
    found.push(local(file, entry.fullPath.replace(/^\//, '')))
    return
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  // [File and Directory Entries API] A reader returns its entries in parts, and an empty part at the end.
  for (let part = await readPart(reader); part.length > 0; part = await readPart(reader)) {
    for (const child of part) await walk(child, found)
  }
}

const readPart = (reader: FileSystemDirectoryReader) =>
  new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile
