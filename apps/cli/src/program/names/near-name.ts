/** Near name: the thing that a person probably meant, when the hub knows no thing of the given name. */
import { nearestWord } from '@skerry/core/language/nearest-word'
import type { RawInput } from '../command.ts'
import { Failure } from '../failure.ts'
import type { Session } from '../session.ts'
import { LOOKUPS } from './name-lookups.ts'

/** The error comes first. A slow hub must not delay it for long. */
const WAIT_MS = 2_000

/** The kinds of names by the codes of the hub. */
const KINDS: Readonly<Record<string, string>> = {
  device_unknown: 'device',
  site_unknown: 'site',
  model_unknown: 'model',
  deployment_unknown: 'deployment',
  group_unknown: 'group',
  model_route_unknown: 'route',
  role_unknown: 'role',
}

/** The failure with a near name in its message. The same failure if no name is near, or the hub does not list any. */
export async function withNearName(failure: Failure, input: RawInput, session: Session): Promise<Failure> {
  const lookup = LOOKUPS[KINDS[failure.code] ?? '']
  if (!lookup) return failure
  // `model:3` and `model@alias` name a version of the model.
  const given = input.arguments.flatMap((raw) => (typeof raw === 'string' ? [raw.replace(/[:@].*$/, '')] : []))
  try {
    const signal = AbortSignal.any([session.signal, AbortSignal.timeout(WAIT_MS)])
    const { client } = await session.hub()
    for (const name of given) {
      const { rows } = await lookup({ client, prefix: name.slice(0, 1), signal })
      const names = rows.map((row) => row.name)
      const near = names.includes(name) ? undefined : nearestWord(name, names)
      if (near !== undefined) return new Failure({ ...failure, message: `${failure.message}. Did you mean ${near}?` })
    }
  } catch {
    // The list is a courtesy: without it the error is still complete.
  }
  return failure
}
