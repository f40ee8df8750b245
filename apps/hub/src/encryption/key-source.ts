/**
 * Key source: where the hub's encryption keys come from: a file, the environment, or a program that prints them. The first key is the newest;
 * older ones stay behind it for as long as something is encrypted under them. Read again whenever one is missing, so that a new key needs no
 * restart. A key management service is a program that asks it; none is built in.
 */
import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import { generateSecretKey, KEY_BYTES, secretKeyId } from '@skerry/platform/sealing/secret-box'

export type EncryptionKey = { id: string; key: Uint8Array }

export type ReadKeys =
  | { ok: true; keys: readonly [EncryptionKey, ...EncryptionKey[]] }
  | { ok: false; code: 'encryption_key_missing' | 'encryption_key_unreadable'; message: string }

export type KeySource = {
  /** For messages: `the file /x`. */
  name: string
  read(signal: AbortSignal): Promise<ReadKeys>
  /** Makes the first key; absent where somebody else has to. */
  make?(): Promise<void>
}

/** A rotation a year leaves room for a decade of backups; more is a mistake. */
const KEYS_MAX = 16

/** Somebody else's service may be slow; a hub that starts must not wait for ever. */
const COMMAND_TIMEOUT_MS = 10_000

const OWNER_ONLY = 0o600

/** A file with a key a line. `isOwn`: the hub makes it where it is missing. */
export function fileSource(fileSystem: FileSystem, path: string, isOwn: boolean): KeySource {
  const name = `the file ${path}`
  const make = () =>
    writeAtomic(fileSystem, path, `${Buffer.from(generateSecretKey()).toString('base64')}\n`, OWNER_ONLY)
  return {
    name,
    async read() {
      const trouble = await permissionTrouble(path)
      if (trouble !== undefined) return { ok: false, code: 'encryption_key_unreadable', message: `${name} ${trouble}` }
      return parseKeys(name, await textOf(path))
    },
    ...(isOwn && { make }),
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new Error(`reading the encryption key ${path}`, { cause: error })
  }
}

/** Whoever owns the file can close it to all others; one that is somebody else's, such as a mounted secret, is read by way of its group. */
async function permissionTrouble(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined)
  if (!found) return undefined
  const open = found.uid === process.getuid?.() ? 0o077 : 0o007
  const mode = (found.mode & 0o777).toString(8).padStart(4, '0')
  return (found.mode & open) === 0 ? undefined : `can be read by other users (mode ${mode}); run chmod 600 on it`
}

/** Keys in a variable of the environment, divided by space. */
export const environmentSource = (variable: string, text: string): KeySource => ({
  name: `the environment variable ${variable}`,
  read: async () => parseKeys(`the environment variable ${variable}`, text),
})

/** A program, called without arguments, that prints a key a line. */
export function commandSource(path: string): KeySource {
  const name = `the program ${path}`
  return {
    name,
    async read(signal) {
      try {
        const { stdout } = await promisify(execFile)(path, [], {
          encoding: 'utf8',
          timeout: COMMAND_TIMEOUT_MS,
          signal,
          maxBuffer: 65_536,
        })
        return parseKeys(name, stdout)
      } catch (error) {
        signal.throwIfAborted()
        // Of what it printed nothing: that may be a key.
        const { code } = error as { code?: unknown }
        const why =
          code === undefined || code === null ? 'it was stopped, or took longer than 10 s' : `it ended with ${code}`
        return { ok: false, code: 'encryption_key_unreadable', message: `${name} returned no key: ${why}` }
      }
    },
  }
}

function parseKeys(name: string, text: string | undefined): ReadKeys {
  const words = text?.split(/\s+/).filter((word) => word !== '') ?? []
  if (words.length === 0) return { ok: false, code: 'encryption_key_missing', message: `${name} holds no key` }
  const keys = words.map((word) => Buffer.from(word, 'base64'))
  const isRight = keys.every((key, index) => key.length === KEY_BYTES && key.toString('base64') === words[index])
  const [first, ...older] = keys.map((key) => ({ id: secretKeyId(key), key }))
  if (isRight && first && keys.length <= KEYS_MAX) return { ok: true, keys: [first, ...older] }
  const message = `${name} must hold 1 to ${KEYS_MAX} keys of ${KEY_BYTES} bytes in base64, a line each; "openssl rand -base64 32" makes one`
  return { ok: false, code: 'encryption_key_unreadable', message }
}
