import { rm } from 'node:fs/promises'
import { createClient } from '@skerry/client/client'
import { problemOf } from '@skerry/client/problem'
import { KeyId } from '@skerry/contract/values/ids'
import { command } from '../../program/command.ts'
import { connectTo, type Profile, profilePath, readProfile } from '../../program/profile.ts'
import { forgetContext } from '../../program/sign-in/contexts.ts'

export const logOut = command({
  name: 'logout',
  summary: 'Sign out of the hub; a key from a login by browser is revoked, too',
  details: 'A key that was given with --key stays valid; "skerry key revoke" ends it. The contexts of other hubs stay.',
  examples: ['skerry logout'],
  arguments: {},
  options: {},
  async run(_, session) {
    const { env } = session.io
    const profile = await readProfile(env)
    const hub = profile?.hub
    const isRevoked = profile !== undefined && (await allRevoked(profile, session.signal))
    await rm(profilePath(env), { force: true })
    if (profile !== undefined) await forgetContext(env, profile)
    const what = isRevoked ? 'its key is revoked' : 'its key stays valid'
    session.print({
      json: { hub: hub ?? null, isRevoked },
      text: () => (hub === undefined ? 'not signed in to any hub' : `signed out of ${hub}; ${what}`),
    })
  },
})

/** Revokes the key of each organisation of the hub. Returns whether the current key is revoked. */
async function allRevoked(profile: Profile, signal: AbortSignal): Promise<boolean> {
  const { hub, key } = connectTo(profile)
  for (const other of Object.values(profile.others ?? {})) await revoked({ hub, key: other }, signal)
  return revoked({ hub, key }, signal)
}

/** Whether the hub revoked the key. If the hub does not answer, the person can still delete the stored key. */
async function revoked(connection: { hub: string; key: string }, signal: AbortSignal): Promise<boolean> {
  const key = KeyId.safeParse(`key_${connection.key.split('_')[1]}`)
  if (!key.success) return false
  try {
    await createClient(connection).account.revokeKey({ key: key.data }, { signal })
    return true
  } catch (error) {
    signal.throwIfAborted()
    problemOf(error)
    return false
  }
}
