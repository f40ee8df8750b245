/** `skerry org switch` */
import { createClient } from '@skerry/client/client'
import { problemOf } from '@skerry/client/problem'
import { Name } from '@skerry/contract/values/names'
import { keyByBrowser } from '../../program/browser-login.ts'
import { command, fits, flag, required } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import { connectTo, type Profile, profilePath, readProfile } from '../../program/profile.ts'
import type { Session } from '../../program/session.ts'
import { keepKey, keysOf, requireOrganisation } from './organisation-keys.ts'

export const switchOrganisation = command({
  name: 'org switch',
  summary: 'Switch to another organisation of the hub that you belong to',
  details:
    'Each organisation has its own key. The first time you agree in a browser, as with "skerry login"; ' +
    'later the stored key is used while it is valid. "skerry whoami" shows your organisation.',
  examples: ['skerry org switch plant-north'],
  arguments: { organisation: required('<organisation>', 'its name; "skerry org mine" lists yours', fits(Name)) },
  options: { noBrowser: flag('--no-browser', 'only show the link') },
  async run({ organisation, noBrowser }, session) {
    const { env } = session.io
    const profile = await readProfile(env)
    if (profile === undefined) throw fail('login_missing', 'not signed in to any hub')
    connectTo(profile)
    const { hub, caPem } = profile
    const key =
      (await storedKey(profile, organisation, session.signal)) ??
      (await newKey(profile, organisation, { session, opensBrowser: session.io.isInteractive && !noBrowser }))
    const me = await createClient({ hub, key }).hub.me({}, { signal: session.signal })
    requireOrganisation(me.organisation, organisation)
    await keepKey(env, { hub, key, caPem, organisation })
    session.print({
      json: { hub, ...me },
      text: () => `now ${me.name} (${me.roles.join(', ')} of ${organisation}) at ${hub}\nstored in ${profilePath(env)}`,
    })
  },
})

/** The one that is stored, where it still counts. */
async function storedKey(profile: Profile, organisation: string, signal: AbortSignal): Promise<string | undefined> {
  const key = keysOf(profile)[organisation]
  if (key === undefined) return undefined
  try {
    await createClient({ hub: profile.hub, key }).hub.me({}, { signal })
    return key
  } catch (error) {
    // Revoked, or past its time: another one is got as the first was.
    if (problemOf(error).code === 'key_invalid') return undefined
    throw error
  }
}

type How = { session: Session; opensBrowser: boolean }

/** By browser; refused at once for an organisation that is not one's own, where the key in use can tell. */
async function newKey(profile: Profile, organisation: string, { session, opensBrowser }: How): Promise<string> {
  const known = await ownOrganisations(profile, session.signal)
  if (known && !known.includes(organisation))
    throw fail('membership_missing', `you do not belong to ${organisation}, or there is no such organisation`)
  return keyByBrowser(profile.hub, { expiresInSeconds: undefined, organisation, opensBrowser }, session)
}

/** Undefined where the key in use is no person's, or counts no more. */
async function ownOrganisations({ hub, key }: Profile, signal: AbortSignal): Promise<string[] | undefined> {
  try {
    const { rows } = await createClient({ hub, key }).account.organisations({}, { signal })
    return rows.map(({ organisation }) => organisation)
  } catch (error) {
    const { code } = problemOf(error)
    if (code === 'account_missing' || code === 'key_invalid') return undefined
    throw error
  }
}
