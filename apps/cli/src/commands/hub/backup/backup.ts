import { createWriteStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { sealStream } from '@skerry/platform/sealing/passphrase-stream'
import { asIs, command, required } from '../../../program/command.ts'
import { fail } from '../../../program/failure.ts'
import { sizeText } from '../../../program/terminal/words.ts'
import { openBackup } from './backup-files.ts'
import { backupOptions, databaseOf, dataFolder, readPassphrase } from './backup-options.ts'

export const backUpHub = command({
  name: 'hub backup',
  summary: 'Back up the hub of this machine to one encrypted file, while it runs',
  details:
    'The file has the database, the model files, and all keys of the hub, encrypted under a passphrase. Keep the passphrase elsewhere: ' +
    'without it nobody can restore the hub. Run it as the user of the hub. With --database-url the file has the database of PostgreSQL, by ' +
    'pg_dump. Model files in a bucket are backed up with its own tools.',
  examples: [
    'skerry hub backup /backup/hub.skerry --passphrase-file /etc/skerry/backup-passphrase',
    'skerry hub backup hub.skerry --data /var/lib/skerry --passphrase-file passphrase',
    'DATABASE_URL=postgres://skerry:secret@db/skerry skerry hub backup hub.skerry --passphrase-file passphrase',
  ],
  arguments: { file: required('<file>', 'the file to write', asIs) },
  options: backupOptions,
  async run({ file, data, secrets, databaseUrl, passphraseFile }, session) {
    const passphrase = await readPassphrase(passphraseFile)
    const target = resolve(file)
    // A file that exists may be the only good backup.
    const created = await open(target, 'wx', 0o600).catch((cause: unknown) => {
      throw fail('file_unwritable', `${file} cannot be created`, { cause })
    })
    await created.close()
    const partial = `${target}.partial`
    try {
      let report = (_: number) => {}
      const places = { data: dataFolder(data, session.io), secrets, databaseUrl: databaseOf(databaseUrl, session.io) }
      const watch = { nowMs: Date.now(), onProgress: (bytes: number) => report(bytes) }
      const backup = await openBackup(places, watch, session.signal)
      using progress = session.progress('backing up', backup.info.bytes)
      report = progress.at
      const out = createWriteStream(partial, { mode: 0o600, flush: true })
      await pipeline(sealStream(backup.stream, passphrase), out, { signal: session.signal })
      await rename(partial, target)
      const folder = await open(dirname(target), 'r')
      await folder.sync()
      await folder.close()
      const { info, files } = backup
      session.print({
        json: { file: target, files, bytes: info.bytes, databaseVersion: info.databaseVersion },
        text: () => `backed up ${files} files (${sizeText(info.bytes)}) to ${target}`,
      })
    } catch (error) {
      await rm(partial, { force: true })
      await rm(target, { force: true })
      throw error
    }
  },
})
