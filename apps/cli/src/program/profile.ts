/**
 * Profile: the hub that is signed in to, kept in `${SKERRY_HOME:-~/.skerry}/cli.json`, readable by its owner only.
 * SKERRY_HUB, SKERRY_KEY and SKERRY_CA_FILE come before it. What is stored for one hub is never used for another.
 */
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { type Connection, parseJson } from '@skerry/client/connection'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import * as z from 'zod'
import { fail } from './failure.ts'
import { readText } from './input-file.ts'
import type { Io } from './terminal/io.ts'

const Profile = z.strictObject({
  v: z.literal(1),
  hub: z.url(),
  key: z.string(),
  /** The CA of the hub; absent where the machine trusts the hub's certificate anyway. */
  caPem: z.string().optional(),
  /** That of the key; absent where an older version of this program stored it. */
  organisation: z.string().optional(),
  /** Keys for other organisations of the same hub, by their names. */
  others: z.record(z.string(), z.string()).optional(),
})
export type Profile = z.infer<typeof Profile>

/** A key is a secret. */
const OWNER_ONLY = 0o600

/** Where the profile lies. */
export function profilePath(env: Io['env']): string {
  return join(env.SKERRY_HOME ?? join(homedir(), '.skerry'), 'cli.json')
}

/** The stored profile; undefined where nobody signed in. */
export async function readProfile(env: Io['env']): Promise<Profile | undefined> {
  const path = profilePath(env)
  const bytes = await nodeFileSystem.readFile(path)
  if (!bytes) return undefined
  const profile = Profile.safeParse(parseJson(Buffer.from(bytes).toString('utf8')))
  if (!profile.success) throw fail('login_invalid', `${path} is damaged, or of another version`)
  return profile.data
}

/** Stores the profile. */
export async function writeProfile(env: Io['env'], profile: Profile): Promise<void> {
  const path = profilePath(env)
  await nodeFileSystem.makeFolder(dirname(path))
  await writeAtomic(nodeFileSystem, path, `${JSON.stringify(profile, null, 2)}\n`, OWNER_ONLY)
}

/** How to reach the hub, by environment and profile; its CA is trusted from here on. */
export async function connect({ env }: Pick<Io, 'env'>): Promise<Connection> {
  const stored = await readProfile(env)
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

/** How to reach the hub of the profile, whatever the environment says; its CA is trusted from here on. */
export function connectTo({ hub, key, caPem }: Profile): Connection & { key: string } {
  if (caPem !== undefined) trustAuthority(caPem)
  return { hub, key }
}

/** `https://host:port` of an address; only HTTPS, since the key goes along. */
export function originOf(address: string): string {
  const url = URL.parse(address)
  if (url?.protocol === 'https:') return url.origin
  throw fail('login_invalid', `"${address}" is not the address of a hub`, {
    next: 'give it as https://HOST:PORT; a hub answers over TLS only',
  })
}

/** Has every later TLS connection of this process accept the authority, beside those of the system. */
export function trustAuthority(caPem: string): void {
  const trusted = getCACertificates('default')
  if (!trusted.includes(caPem)) setDefaultCACertificates([...trusted, caPem])
}
