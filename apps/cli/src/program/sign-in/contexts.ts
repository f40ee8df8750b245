/**
 * Contexts: the sign-ins of several hubs by their names, in `contexts.json` beside `cli.json`, readable only by its
 * owner. `cli.json` stays the current sign-in, so that an older version of this program still works. A login names its
 * context after the host of the hub.
 */
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Name } from '@skerry/contract/values/names'
import * as z from 'zod'
import { fail } from '../failure.ts'
import { Profile, profilePath, readOwnFile, readProfile, writeOwnFile, writeProfile } from '../profile.ts'
import type { Io } from '../terminal/io.ts'

const Contexts = z.strictObject({
  v: z.literal(1),
  current: z.string().optional(),
  contexts: z.record(z.string(), Profile),
})
type Contexts = z.infer<typeof Contexts>

const contextsPath = (env: Io['env']) => join(dirname(profilePath(env)), 'contexts.json')

const writeContexts = (env: Io['env'], contexts: Contexts) => writeOwnFile(contextsPath(env), contexts)

type NamedContext = { name: string; isCurrent: boolean; profile: Profile }

/** The stored contexts. A sign-in of an older version has no name yet, and gets that of its host. */
async function readContexts(env: Io['env']): Promise<Contexts> {
  const stored = (await readOwnFile(contextsPath(env), Contexts)) ?? { v: 1, contexts: {} }
  const profile = await readProfile(env)
  return profile ? withProfile(stored, profile) : { v: 1, contexts: stored.contexts }
}

/** Keeps the profile under the current name if that is of the same hub, else under the name of the hub. */
function withProfile({ current, contexts }: Contexts, profile: Profile): Contexts {
  const isSame = current !== undefined && contexts[current]?.hub === profile.hub
  const known = Object.entries(contexts).find(([, { hub }]) => hub === profile.hub)?.[0]
  const name = isSame ? current : (known ?? freeName(profile.hub, contexts))
  return { v: 1, current: name, contexts: { ...contexts, [name]: profile } }
}

/** The host without dots, and with the port if another context has the host already. */
function freeName(hub: string, contexts: Contexts['contexts']): string {
  const { hostname, port } = new URL(hub)
  const plain = hostname
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  const host = Name.safeParse(plain).success ? plain : 'hub'
  const numbered = [host, `${host}-${port}`, ...Array.from({ length: 100 }, (_, index) => `${host}-${index + 2}`)]
  return numbered.find((name) => !(name in contexts)) ?? host
}

/** Stores the sign-in among the contexts, as the current one. */
export async function keepContext(env: Io['env'], profile: Profile): Promise<void> {
  const stored = (await readOwnFile(contextsPath(env), Contexts)) ?? { v: 1, contexts: {} }
  await writeContexts(env, withProfile(stored, profile))
}

/** Forgets the context of a sign-in that has ended. */
export async function forgetContext(env: Io['env'], profile: Profile): Promise<void> {
  const stored = await readOwnFile(contextsPath(env), Contexts)
  const current = stored && withProfile(stored, profile).current
  if (stored) await writeOrRemove(env, without(stored, current))
}

const without = ({ current, contexts }: Contexts, name: string | undefined): Contexts => ({
  v: 1,
  ...(current !== undefined && current !== name && { current }),
  contexts: Object.fromEntries(Object.entries(contexts).filter(([one]) => one !== name)),
})

/** A file without contexts would only be another file to delete. */
async function writeOrRemove(env: Io['env'], contexts: Contexts): Promise<void> {
  if (Object.keys(contexts.contexts).length > 0) await writeContexts(env, contexts)
  else await rm(contextsPath(env), { force: true })
}

/** All contexts by name. */
export async function listNamedContexts(env: Io['env']): Promise<NamedContext[]> {
  const { current, contexts } = await readContexts(env)
  const all = Object.entries(contexts).map(([name, profile]) => ({ name, profile, isCurrent: name === current }))
  return all.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Makes the context the current one. */
export async function chooseContext(env: Io['env'], name: string): Promise<Profile> {
  const before = await readContexts(env)
  const profile = before.contexts[name] ?? unknown(name, before)
  await writeContexts(env, { ...before, current: name })
  await writeProfile(env, profile)
  return profile
}

/** Gives the current sign-in a name. */
export async function nameContext(env: Io['env'], name: string): Promise<Profile> {
  const profile = await readProfile(env)
  if (!profile) throw fail('login_missing', 'not signed in to any hub')
  const before = await readContexts(env)
  if (name in before.contexts && name !== before.current)
    throw fail('context_taken', `there is a context ${name} already, for ${before.contexts[name]?.hub}`)
  const { contexts } = without(before, before.current)
  await writeContexts(env, { v: 1, current: name, contexts: { ...contexts, [name]: profile } })
  return profile
}

/** Removes the context. Its key stays valid. Removing the current one ends the sign-in of this machine. */
export async function removeContext(env: Io['env'], name: string): Promise<{ wasCurrent: boolean }> {
  const before = await readContexts(env)
  if (!(name in before.contexts)) unknown(name, before)
  const wasCurrent = before.current === name
  if (wasCurrent) await rm(profilePath(env), { force: true })
  await writeOrRemove(env, without(before, name))
  return { wasCurrent }
}

/** The profile that SKERRY_CONTEXT names, else the current one. */
export async function chosenProfile(env: Io['env']): Promise<Profile | undefined> {
  if (!env.SKERRY_CONTEXT) return readProfile(env)
  const all = await readContexts(env)
  return all.contexts[env.SKERRY_CONTEXT] ?? unknown(env.SKERRY_CONTEXT, all)
}

function unknown(name: string, { contexts }: Contexts): never {
  const names = Object.keys(contexts).toSorted().join(', ')
  throw fail('context_unknown', `there is no context ${name}${names === '' ? '' : `; there are ${names}`}`)
}
