/**
 * Backup files: the content of a backup of a hub. The database comes first, as one copy of a moment. Model files never change
 * and come after it, so each file that the copy names is still there.
 */
import { createReadStream } from 'node:fs'
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { systemCode } from '@skerry/platform/files/file-system'
import { TAR_END, tarEntry, tarHeader, tarPadding } from '@skerry/platform/files/tar-write'
import * as z from 'zod'
import { fail } from '../../../program/failure.ts'
import { dumpPostgres } from './postgres-copy.ts'

export const DATABASE = 'hub.sqlite'
/** In place of it, in the backup of a hub with PostgreSQL. */
export const POSTGRES_DATABASE = 'hub.pgdump'
export const BACKUP_INFO = 'backup.json'

/** The part of an archive with the files of `--secrets`. */
export const SECRETS_PART = 'secrets/'
export const DATA_PART = 'data/'

export const BackupInfo = z.object({
  v: z.literal(1),
  /** The number of applied migrations: an older hub cannot open the database. */
  databaseVersion: z.int().min(0),
  createdAtMs: z.int(),
  bytes: z.int(),
})
export type BackupInfo = z.infer<typeof BackupInfo>

/** The database is copied on its own. Locks, uploads under way and half-made versions are of no use elsewhere. */
const LEFT_OUT =
  /^(hub\.sqlite(-wal|-shm)?(\.before-\d+)?|hub\.pgdump|lock\.sqlite.*|staging(\/.*)?|cache(\/.*)?|blobs\/parts(\/.*)?|\..*)$/

/** `databaseUrl` is set for a hub with PostgreSQL. */
export type HubPlaces = { data: string; secrets: string | undefined; databaseUrl: string | undefined }
type Entry = { path: string; from: string; sizeBytes: number }

export type Backup = { info: BackupInfo; files: number; stream: AsyncGenerator<Uint8Array> }

/** Copies the database, lists the files, and gives the archive as a stream. The copy is removed when the stream ends. */
export async function openBackup(
  { data, secrets, databaseUrl }: HubPlaces,
  { nowMs, onProgress }: { nowMs: number; onProgress(bytes: number): void },
  signal: AbortSignal,
): Promise<Backup> {
  const copy = join(data, `.backup-${process.pid}.database`)
  const copied =
    databaseUrl === undefined ? copyDatabase(join(data, DATABASE), copy) : dumpPostgres(databaseUrl, copy, signal)
  const databaseVersion = await copied.catch(async (error: unknown) => {
    await rm(copy, { force: true })
    throw error
  })
  const name = databaseUrl === undefined ? DATABASE : POSTGRES_DATABASE
  const entries = [
    { path: `${DATA_PART}${name}`, from: copy, sizeBytes: (await stat(copy)).size },
    ...(await entriesBelow(data, DATA_PART)),
    ...(secrets === undefined || secrets === data ? [] : await entriesBelow(secrets, SECRETS_PART)),
  ]
  const bytes = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const info: BackupInfo = { v: 1, databaseVersion, createdAtMs: nowMs, bytes }
  return { info, files: entries.length, stream: archive(info, entries, copy, onProgress) }
}

/** [sqlite.org/lang_vacuum.html] A consistent copy, while the hub writes. */
async function copyDatabase(from: string, to: string): Promise<number> {
  if (!(await stat(from).catch(() => undefined))) {
    throw fail('file_unreadable', `${from} does not exist; for a hub with PostgreSQL, give --database-url`)
  }
  await rm(to, { force: true })
  const database = new DatabaseSync(from, { readOnly: true })
  try {
    database.prepare('vacuum into ?').run(to)
    const row = database.prepare('select max(version) as version from schema_versions').get()
    return Number(row?.version ?? 0)
  } finally {
    database.close()
  }
}

async function entriesBelow(folder: string, part: string): Promise<Entry[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
  const entries: Entry[] = []
  for (const path of paths.toSorted()) {
    if (LEFT_OUT.test(path)) continue
    const from = join(folder, path)
    const known = await stat(from).catch(unlessGone)
    if (known) entries.push({ path: `${part}${path}`, from, sizeBytes: known.size })
  }
  return entries
}

/** Small files are replaced as a whole while the hub runs, so they are read as a whole. */
const WHOLE_BYTES_MAX = 1024 ** 2

async function* archive(
  info: BackupInfo,
  entries: readonly Entry[],
  copy: string,
  onProgress: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* tarEntry({ path: BACKUP_INFO, bytes: Buffer.from(JSON.stringify(info)) })
    let doneBytes = 0
    for (const entry of entries) {
      yield* bytesOf(entry)
      doneBytes += entry.sizeBytes
      onProgress(doneBytes)
    }
    yield TAR_END
  } finally {
    await rm(copy, { force: true })
  }
}

/** A model file that was removed meanwhile is left out: nobody wants it any more. */
async function* bytesOf({ path, from, sizeBytes }: Entry): AsyncGenerator<Uint8Array> {
  if (sizeBytes <= WHOLE_BYTES_MAX) {
    const bytes = await readFile(from).catch(unlessGone)
    if (bytes) yield* tarEntry({ path, bytes })
    return
  }
  if (!(await stat(from).catch(unlessGone))) return
  yield tarHeader(path, sizeBytes)
  let readBytes = 0
  for await (const chunk of createReadStream(from, { end: sizeBytes - 1 })) {
    readBytes += chunk.length
    yield chunk
  }
  if (readBytes < sizeBytes)
    throw fail('file_unreadable', `${from} became shorter while it was read; run the backup again`)
  yield tarPadding(sizeBytes)
}

function unlessGone(error: unknown): undefined {
  if (systemCode(error) === 'ENOENT') return undefined
  throw error
}
