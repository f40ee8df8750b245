/** Secret reference: the way to name a secret: its name and its scope. */

import { HUB_SCOPE, type Secret, type SecretScope } from '@skerry/contract/secrets/secret'
import { Name } from '@skerry/contract/values/names'
import { fits, flag, value } from '../../program/command.ts'
import { exitCodes, Failure, wrongUsage } from '../../program/failure.ts'
import type { Hub, Session } from '../../program/session.ts'

/** The organisation's secret if none of the options is given. */
export const SCOPE_OPTIONS = {
  site: value('--site <site>', 'of this site, not of the organisation', fits(Name)),
  device: value('--device <device>', 'of this device, not of the organisation', fits(Name)),
  isHub: flag('--hub-only', 'of the hub itself, such as a token of a webhook; no device gets it'),
}

type ScopeValues = { site: string | undefined; device: string | undefined; isHub: boolean }

/** Undefined if none of the options is given. */
export function scopeGiven({ site, device, isHub }: ScopeValues): SecretScope | undefined {
  if ([site !== undefined, device !== undefined, isHub].filter(Boolean).length > 1)
    throw wrongUsage('--site, --device and --hub-only exclude each other')
  if (isHub) return HUB_SCOPE
  if (device !== undefined) return `device:${device}`
  return site === undefined ? undefined : `site:${site}`
}

/** The secret that the reference names. */
export async function secretNamed(
  { client }: Hub,
  { name, ...values }: ScopeValues & { name: string },
  session: Session,
): Promise<Secret> {
  const scope = scopeGiven(values) ?? 'organisation'
  const { rows } = await client.secret.list({ scope, name, limit: 1 }, { signal: session.signal })
  const [secret] = rows
  if (secret) return secret
  const next = '"skerry secret ls" lists them'
  throw new Failure({
    code: 'secret_unknown',
    message: `${scope} has no secret ${name}`,
    next,
    exitCode: exitCodes.failed,
  })
}
