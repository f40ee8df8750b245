/** Action token: the bearer token of a webhook, from the secrets of the hub. It leaves the hub in this request only. */
import type { MonitorAction } from '@skerry/contract/monitors/action'
import { HUB_SCOPE } from '@skerry/contract/secrets/secret'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { VaultError } from '../encryption/vault-error.ts'
import type { Hub } from '../hub.ts'
import { findHubSecret } from '../secrets/secret-store.ts'
import type { Db } from '../store/store.ts'

type WebhookAction = Extract<MonitorAction, { do: 'webhook' }>

/** [RFC 6750, 2.1] Anything else could end the header and begin another one. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/

export type ReadToken = { token?: string } | { problem: string }

/** Empty if the webhook needs no token. */
export async function tokenOf(
  { store, vault }: Pick<Hub, 'store' | 'vault'>,
  organisationId: OrganisationId,
  { token }: Pick<WebhookAction, 'token'>,
): Promise<ReadToken> {
  if (!token) return {}
  const row = await findHubSecret(store.db, organisationId, token.secret)
  if (!row) return { problem: missingSecret(token.secret) }
  try {
    const place = { organisationId, kind: 'secret', id: `${row.id}/${row.version}` } as const
    const text = (await vault.open(store.db, place, row.value)).toString().trim()
    return TOKEN.test(text) ? { token: text } : { problem: `the secret ${token.secret} of the hub is no bearer token` }
  } catch (error) {
    if (error instanceof VaultError) return { problem: error.message }
    throw error
  }
}

const missingSecret = (name: string) =>
  `the hub has no secret ${name}; set it with "skerry secret set ${name} --hub-only"`

/** The reason why the webhooks cannot get their tokens; undefined if they can. */
export async function tokenProblem(
  db: Db,
  organisationId: OrganisationId,
  actions: readonly MonitorAction[],
): Promise<string | undefined> {
  for (const { secret } of tokensIn(actions).map(({ token }) => token))
    if (!(await findHubSecret(db, organisationId, secret))) return missingSecret(secret)
  return undefined
}

/**
 * Whether a token would go to an address to which it does not go yet. Who may only set monitors could otherwise send a
 * token, which nobody can read, to a program of their own.
 */
export function sendsTokenElsewhere(before: readonly MonitorAction[], after: readonly MonitorAction[]): boolean {
  const known = new Set(tokensIn(before).map(routeOf))
  return tokensIn(after).some((one) => !known.has(routeOf(one)))
}

type Tokened = { url: string; token: { secret: string } }

const tokensIn = (actions: readonly MonitorAction[]): Tokened[] =>
  actions.flatMap((action) =>
    action.do === 'webhook' && action.token ? [{ url: action.url, token: action.token }] : [],
  )

const routeOf = ({ url, token }: Tokened) => `${token.secret} ${new URL(url).origin}`

/** The permission to set the secret, too. */
export const TOKEN_PERMISSION = 'secret.write'

export const elsewhereProblem = `a token of the scope ${HUB_SCOPE} goes to a new address only by a person with the permission ${TOKEN_PERMISSION}`
