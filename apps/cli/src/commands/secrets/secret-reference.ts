/** Secret reference: how people name a secret: its name, and whose it is. */

import type { Secret, SecretScope } from '@skerry/contract/secrets/secret'
import { Name } from '@skerry/contract/values/names'
import { fits, value } from '../../program/command.ts'
import { exitCodes, Failure, wrongUsage } from '../../program/failure.ts'
import type { Hub, Session } from '../../program/session.ts'

/** The organisation's where neither is given. */
export const SCOPE_OPTIONS = {
  site: value('--site <site>', 'of this site, not of the organisation', fits(Name)),
  device: value('--device <device>', 'of this device, not of the organisation', fits(Name)),
}

type ScopeValues = { site: string | undefined; device: string | undefined }

/** Undefined where nothing is said. */
export function scopeGiven({ site, device }: ScopeValues): SecretScope | undefined {
  if (site !== undefined && device !== undefined) throw wrongUsage('--site and --device exclude each other')
  if (device !== undefined) return `device:${device}`
  return site === undefined ? undefined : `site:${site}`
}

/** The one that is meant. */
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
