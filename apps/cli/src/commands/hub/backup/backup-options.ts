/** Options that backup and restore have in common. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { asIs, needed, value } from '../../../program/command.ts'
import { fail } from '../../../program/failure.ts'
import { readText } from '../../../program/input-file.ts'
import type { Io } from '../../../program/terminal/io.ts'

export const backupOptions = {
  data: value('--data <folder>', 'data folder of the hub (default: $SKERRY_HOME/hub, or ~/.skerry/hub)', asIs),
  secrets: value('--secrets <folder>', 'folder of its keys, if the hub has one of its own', asIs),
  databaseUrl: value(
    '--database-url <url>',
    'database of a hub with PostgreSQL, as its own option (default: $DATABASE_URL)',
    asIs,
  ),
  passphraseFile: needed('--passphrase-file <file>', 'file with the passphrase, of 12 characters at least', asIs),
}

/** Short passphrases are guessed: a thief of the file can try as often as they like. */
const PASSPHRASE_MIN = 12

export async function readPassphrase(path: string): Promise<string> {
  const passphrase = (await readText(path)).replace(/\r?\n$/, '')
  if (passphrase.length >= PASSPHRASE_MIN) return passphrase
  throw fail('file_invalid', `${path}: the passphrase must have at least ${PASSPHRASE_MIN} characters`, {
    next: 'write a longer one, for example with "openssl rand -base64 24"',
  })
}

/** The same default as the hub's. */
export const dataFolder = (data: string | undefined, { env }: Pick<Io, 'env'>): string =>
  resolve(data ?? join(env.SKERRY_HOME ?? join(homedir(), '.skerry'), 'hub'))

/** The same variable as the hub's, because the address has a password. */
export const databaseOf = (url: string | undefined, { env }: Pick<Io, 'env'>): string | undefined =>
  url ?? (env.DATABASE_URL || undefined)
