/**
 * Page password: the hash of the password for the local page. It is a file of its own, so that the command that sets it
 * works while the agent runs, and counts at once.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import * as z from 'zod'

/** Long enough that a hundred guesses an hour find nothing. */
const PASSWORD_CHARACTERS_MIN = 10

/** Sentences fit. Hashing more would only cost time. */
const PASSWORD_CHARACTERS_MAX = 200

/**
 * [OWASP Password Storage] One of the equal settings of scrypt with the least memory: 16 MiB for some 0.3 s, because
 * the memory of a device belongs to its models.
 */
const COST = { cost: 2 ** 14, blockSize: 8, parallelization: 5 }
const HASH_BYTES = 32

const Base64 = z.base64().max(200)

const Stored = z.object({
  v: z.literal(1),
  salt: Base64,
  hash: Base64,
  cost: z
    .int()
    .min(2)
    .max(2 ** 17),
  blockSize: z.int().min(1).max(32),
  parallelization: z.int().min(1).max(16),
})

/** The hash of the password that counts now. Its `salt` changes with each new password. */
export type PagePassword = z.infer<typeof Stored>

const fileIn = (data: string) => join(data, 'page-password.json')

/** The reason why the text cannot be a password; undefined if it can. */
export function passwordProblem(password: string): string | undefined {
  if (password.length < PASSWORD_CHARACTERS_MIN) {
    return `a password for the page has at least ${PASSWORD_CHARACTERS_MIN} characters`
  }
  return password.length > PASSWORD_CHARACTERS_MAX
    ? `a password for the page has at most ${PASSWORD_CHARACTERS_MAX} characters`
    : undefined
}

/** Undefined without a password, and if the file is damaged: then nobody enters. */
export async function readPassword(fileSystem: FileSystem, data: string): Promise<PagePassword | undefined> {
  const bytes = await readIfPresent(fileSystem, fileIn(data))
  if (!bytes) return undefined
  try {
    return Stored.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data
  } catch {
    return undefined
  }
}

/** Stores the hash of the password. Returns the path of the file. */
export async function storePassword(fileSystem: FileSystem, data: string, password: string): Promise<string> {
  const salt = randomBytes(16).toString('base64')
  const made = { v: 1 as const, salt, ...COST }
  const hash = await hashOf(password, made)
  await fileSystem.makeFolder(data)
  await writeAtomic(fileSystem, fileIn(data), JSON.stringify({ ...made, hash: hash.toString('base64') }))
  return fileIn(data)
}

/** Takes the time of one hash, whatever the password is. */
export async function isPassword(password: string, stored: PagePassword): Promise<boolean> {
  const wanted = Buffer.from(stored.hash, 'base64')
  const hash = await hashOf(password.slice(0, PASSWORD_CHARACTERS_MAX), stored)
  return wanted.byteLength === hash.byteLength && timingSafeEqual(wanted, hash)
}

type Salted = Omit<PagePassword, 'hash'>

function hashOf(password: string, { salt, cost, blockSize, parallelization }: Salted): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const maxmem = 256 * cost * blockSize
  const options = { cost, blockSize, parallelization, maxmem }
  scrypt(password.normalize('NFKC'), Buffer.from(salt, 'base64'), HASH_BYTES, options, (error, hash) =>
    error ? reject(error) : resolve(hash),
  )
  return promise
}
