/**
 * Profile: the hub that a person is signed in to, kept in `${SKERRY_HOME:-~/.skerry}/cli.json`, readable only by its
 * owner. SKERRY_HUB, SKERRY_KEY and SKERRY_CA_FILE take precedence. Credentials that are stored for one hub are never
 * used for another.
 */
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import type { Connection } from '@skerry/client/connection'
import { parseJson } from '@skerry/core/values/parse-json'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import * as z from 'zod'
import { fail } from './failure.ts'
import { readText } from './input-file.ts'
import type { Io } from './terminal/io.ts'

export const Profile = z.strictObject({
  v: z.literal(1),
  hub: z.url(),
  key: z.string(),
  /** The CA of the hub; absent if the machine trusts the hub's certificate anyway. */
  caPem: z.string().optional(),
  /** The organisation of the key; absent if an older version of this program stored it. */
  organisation: z.string().optional(),
  /** Keys for other organisations of the same hub, by their names. */
  others: z.record(z.string(), z.string()).optional(),
})
export type Profile = z.infer<typeof Profile>

/** A key is a secret. */
const OWNER_ONLY = 0o600

/** The path of the profile. */
export function profilePath(env: Io['env']): string {
  return join(env.SKERRY_HOME ?? join(homedir(), '.skerry'), 'cli.json')
}

/** The stored profile of the current sign-in; undefined if nobody signed in. */
export const readProfile = (env: Io['env']): Promise<Profile | undefined> => readOwnFile(profilePath(env), Profile)

export const writeProfile = (env: Io['env'], profile: Profile): Promise<void> => writeOwnFile(profilePath(env), profile)

/** The content of a file of this program; undefined if there is none. */
export async function readOwnFile<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const bytes = await nodeFileSystem.readFile(path)
  if (!bytes) return undefined
  const content = schema.safeParse(parseJson(Buffer.from(bytes).toString('utf8')))
  if (!content.success) throw fail('login_invalid', `${path} is damaged, or of another version`)
  return content.data
}

/** Only the owner can read the file, because it holds keys. */
export async function writeOwnFile(path: string, content: unknown): Promise<void> {
  await nodeFileSystem.makeFolder(dirname(path))
  await writeAtomic(nodeFileSystem, path, `${JSON.stringify(content, null, 2)}\n`, OWNER_ONLY)
}

/** The connection to the hub, from environment and profile. From now on, its CA is trusted. */
export async function connect({ env }: Pick<Io, 'env'>, stored: Profile | undefined): Promise<Connection> {
  const hub = env.SKERRY_HUB ?? stored?.hub
  if (hub === undefined) throw fail('login_missing', 'not signed in to any hub')
  const own = stored?.hub === originOf(hub) ? stored : undefined
  const key = env.SKERRY_KEY ?? own?.key
  if (key === undefined) {
    throw fail('login_missing', `there is no key for ${hub}`, {
      next: 'set SKERRY_KEY, or sign in with "skerry login"',
    })
  }
  const caPem = env.SKERRY_CA_FILE ? await readText(env.SKERRY_CA_FILE) : own?.caPem
  if (caPem !== undefined) trustAuthority(caPem)
  return { hub: originOf(hub), key }
}

/** The connection to the hub of the profile, independent of the environment. From now on, its CA is trusted. */
export function connectTo({ hub, key, caPem }: Profile): Connection & { key: string } {
  if (caPem !== undefined) trustAuthority(caPem)
  return { hub, key }
}

/** `https://host:port` of an address. Only HTTPS is allowed, because the request carries the key. */
export function originOf(address: string): string {
  const url = URL.parse(address)
  if (url?.protocol === 'https:') return url.origin
  throw fail('login_invalid', `"${address}" is not the address of a hub`, {
    next: 'give it as https://HOST:PORT; a hub answers over TLS only',
  })
}

/** Makes every later TLS connection of this process accept the authority, besides those of the system. */
export function trustAuthority(caPem: string): void {
  const trusted = getCACertificates('default')
  if (!trusted.includes(caPem)) setDefaultCACertificates([...trusted, caPem])
}
