/**
 * Organisation keys: the profile's keys for the organisations of one hub. Each key counts only in its own organisation.
 */

import { fail } from '../../program/failure.ts'
import { type Profile, readProfile, writeProfile } from '../../program/profile.ts'
import { keepContext } from '../../program/sign-in/contexts.ts'
import type { Io } from '../../program/terminal/io.ts'

type Kept = { hub: string; key: string; caPem: string | undefined; organisation: string }

/** Stores the key, which is in use from now on. The keys of other organisations of the same hub stay beside it. */
export async function keepKey(env: Io['env'], { hub, key, caPem, organisation }: Kept): Promise<void> {
  const before = await readProfile(env)
  if (before !== undefined) await keepContext(env, before)
  const others = before?.hub === hub ? keysOf(before) : {}
  delete others[organisation]
  const profile: Profile = {
    v: 1,
    hub,
    key,
    organisation,
    ...(caPem !== undefined && { caPem }),
    ...(Object.keys(others).length > 0 && { others }),
  }
  await writeProfile(env, profile)
  await keepContext(env, profile)
}

/**
 * All stored keys by organisation. A key from an older release has no organisation, and stays until the next sign-in.
 */
export const keysOf = ({ key, organisation, others }: Profile): Record<string, string> => ({
  ...others,
  ...(organisation !== undefined && { [organisation]: key }),
})

/**
 * Throws if a key belongs to a different organisation. Otherwise the next steps would run in the wrong organisation.
 */
export function requireOrganisation(actual: string, wanted: string | undefined): void {
  if (wanted === undefined || wanted === actual) return
  throw fail('organisation_wrong', `the key belongs to ${actual}, not to ${wanted}; nothing was stored`)
}
