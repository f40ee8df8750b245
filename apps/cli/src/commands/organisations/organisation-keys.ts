/** Organisation keys: the keys that the profile holds for the organisations of one hub, each of which counts in its own only. */
import { fail } from '../../program/failure.ts'
import { type Profile, readProfile, writeProfile } from '../../program/profile.ts'
import type { Io } from '../../program/terminal/io.ts'

type Kept = { hub: string; key: string; caPem: string | undefined; organisation: string }

/** The key is the one in use from here on; what another organisation of the same hub has stays beside it. */
export async function keepKey(env: Io['env'], { hub, key, caPem, organisation }: Kept): Promise<void> {
  const before = await readProfile(env)
  const others = before?.hub === hub ? keysOf(before) : {}
  delete others[organisation]
  await writeProfile(env, {
    v: 1,
    hub,
    key,
    organisation,
    ...(caPem !== undefined && { caPem }),
    ...(Object.keys(others).length > 0 && { others }),
  })
}

/** All that are stored, by organisation. One that an older version stored has no name, and is left to the next sign-in. */
export const keysOf = ({ key, organisation, others }: Profile): Record<string, string> => ({
  ...others,
  ...(organisation !== undefined && { [organisation]: key }),
})

/** Throws where a key counts elsewhere than it was wanted for: what follows would be done in the wrong organisation. */
export function requireOrganisation(actual: string, wanted: string | undefined): void {
  if (wanted === undefined || wanted === actual) return
  throw fail('organisation_wrong', `the key belongs to ${actual}, not to ${wanted}; nothing was stored`)
}
