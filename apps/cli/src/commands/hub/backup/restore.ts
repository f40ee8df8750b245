import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { readTar, type TarFileHead, TarInvalid } from '@skerry/platform/files/tar-read'
import { openStream, StreamBroken } from '@skerry/platform/sealing/passphrase-stream'
import { asIs, command, required } from '../../../program/command.ts'
import { fail } from '../../../program/failure.ts'
import { unreadable } from '../../../program/input-file.ts'
import type { Session } from '../../../program/session.ts'
import { instantText, sizeText } from '../../../program/terminal/words.ts'
import { BACKUP_INFO, BackupInfo, DATA_PART, DATABASE, POSTGRES_DATABASE, SECRETS_PART } from './backup-files.ts'
import { backupOptions, databaseOf, dataFolder, readPassphrase } from './backup-options.ts'
import { requireEmptyDatabase, restorePostgres } from './postgres-copy.ts'

export const restoreHub = command({
  name: 'hub restore',
  summary: 'Restore a hub from a backup into a new folder',
  details:
    'Each byte is verified before it counts: the encryption, the digest of each model file, and the database. The folder must be new or ' +
    'empty, so that no hub is overwritten. So must the database of a hub with PostgreSQL (--database-url). Then start the hub with this folder, at the address of the old one. Devices connect again by themselves.',
  examples: [
    'skerry hub restore /backup/hub.skerry --data /var/lib/skerry --passphrase-file /etc/skerry/backup-passphrase',
    'DATABASE_URL=postgres://skerry:secret@db/empty skerry hub restore hub.skerry --passphrase-file passphrase',
  ],
  arguments: { file: required('<file>', 'the backup', asIs) },
  options: backupOptions,
  async run({ file, data, secrets, databaseUrl, passphraseFile }, session) {
    const passphrase = await readPassphrase(passphraseFile)
    const target = dataFolder(data, session.io)
    await requireEmpty(target)
    if (secrets !== undefined) await requireEmpty(resolve(secrets))
    const database = databaseOf(databaseUrl, session.io)
    if (database !== undefined) await requireEmptyDatabase(database, session.signal)
    const partial = `${target}.restoring`
    await rm(partial, { recursive: true, force: true })
    try {
      const restored = await unpack({ file, passphrase, partial }, session)
      await restoreDatabase(join(partial, DATA_PART), database, session.signal)
      await moveInto(join(partial, DATA_PART), target)
      if (restored.hasSecrets) await moveInto(join(partial, SECRETS_PART), resolve(secrets ?? target))
      const { info, files } = restored
      session.print({
        json: { data: target, files, bytes: info.bytes, createdAtMs: info.createdAtMs },
        text: () =>
          `restored ${files} files (${sizeText(info.bytes)}) of ${instantText(info.createdAtMs)} to ${target}`,
      })
    } catch (error) {
      if (error instanceof StreamBroken || error instanceof TarInvalid) {
        throw fail('backup_invalid', `${file}: ${error.message}`, { cause: error })
      }
      throw error
    } finally {
      await rm(partial, { recursive: true, force: true })
    }
  },
})

async function requireEmpty(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  if (names.length > 0) throw fail('folder_taken', `${folder} is not empty; a restore overwrites nothing`)
}

type Unpacked = { info: BackupInfo; files: number; hasSecrets: boolean }

async function unpack(
  { file, passphrase, partial }: { file: string; passphrase: string; partial: string },
  session: Session,
): Promise<Unpacked> {
  const handle = await open(file).catch((cause: unknown) => {
    throw unreadable(file, cause)
  })
  const { size } = await handle.stat()
  await handle.close()
  using progress = session.progress('restoring', size)
  let doneBytes = 0
  const watched = async function* () {
    for await (const chunk of createReadStream(file)) {
      session.signal.throwIfAborted()
      doneBytes += chunk.length
      progress.at(doneBytes)
      yield chunk
    }
  }
  let info: BackupInfo | undefined
  let files = 0
  let hasSecrets = false
  const plain = openStream(watched(), passphrase)
  await readTar(plain, async (head, bytes) => {
    if (head.path === BACKUP_INFO) {
      info = await readInfo(bytes)
      return
    }
    if (!info || !(head.path.startsWith(DATA_PART) || head.path.startsWith(SECRETS_PART))) {
      throw new TarInvalid('this is no backup of a hub')
    }
    hasSecrets ||= head.path.startsWith(SECRETS_PART)
    await writeFile(partial, head, bytes)
    files += 1
  })
  // The rest of the stream proves that the file is complete.
  for await (const _ of plain);
  if (!info) throw new TarInvalid('this is no backup of a hub')
  return { info, files, hasSecrets }
}

async function readInfo(bytes: AsyncIterable<Uint8Array>): Promise<BackupInfo> {
  const pieces: Buffer[] = []
  for await (const piece of bytes) pieces.push(Buffer.from(piece))
  const parsed = BackupInfo.safeParse(JSON.parse(Buffer.concat(pieces).toString()))
  if (parsed.success) return parsed.data
  throw new TarInvalid('a newer version of Skerry wrote it; use that one')
}

/** The names of model files are their digests. */
const BLOB = /^[0-9a-f]{64}$/

async function writeFile(folder: string, { path }: TarFileHead, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const target = join(folder, path)
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  const out = await open(target, 'wx', 0o600)
  const hash = createHash('sha256')
  try {
    for await (const piece of bytes) {
      hash.update(piece)
      await out.writeFile(piece)
    }
    await out.sync()
  } finally {
    await out.close()
  }
  const name = basename(path)
  if (path.startsWith(`${DATA_PART}blobs/sha256/`) && BLOB.test(name) && hash.digest('hex') !== name) {
    throw fail('backup_invalid', `the model file ${name} was damaged before it was backed up; use an older backup`)
  }
}

/** A database of SQLite stays in the folder. One of PostgreSQL moves into the server, before the folder appears. */
async function restoreDatabase(folder: string, url: string | undefined, signal: AbortSignal): Promise<void> {
  const names = await readdir(folder)
  const hasDump = names.includes(POSTGRES_DATABASE)
  if (hasDump && url === undefined) {
    throw fail('database_unusable', 'the backup is of a hub with PostgreSQL; give --database-url, of an empty database')
  }
  if (!hasDump && url !== undefined) {
    throw fail('database_unusable', 'the backup is of a hub with SQLite; leave out --database-url and DATABASE_URL')
  }
  if (url === undefined) return verifyDatabase(join(folder, DATABASE))
  const dump = join(folder, POSTGRES_DATABASE)
  await restorePostgres(url, dump, signal)
  await rm(dump)
}

function verifyDatabase(path: string): void {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const [row] = database.prepare('pragma quick_check(1)').all()
    if (row?.quick_check === 'ok') return
    throw fail('backup_invalid', `the database of the backup is damaged: ${row?.quick_check}`)
  } finally {
    database.close()
  }
}

/** [rename(2)] The folder appears complete, in place of an empty one. A mount point cannot be replaced, only filled. */
async function moveInto(from: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true })
  const isMoved = await rename(from, target).then(
    () => true,
    () => false,
  )
  if (!isMoved) {
    await mkdir(target, { recursive: true, mode: 0o700 })
    for (const name of await readdir(from)) await rename(join(from, name), join(target, name))
  }
  const folder = await open(dirname(target), 'r')
  await folder.sync()
  await folder.close()
}
