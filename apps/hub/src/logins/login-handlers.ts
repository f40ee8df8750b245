/**
 * Procedures on signing in at a command line. The resulting key belongs to a person: it has the person's present
 * permissions, and ends with the person.
 */
import { appendAudit } from '../audit/audit-store.ts'
import { refuseGuesser } from '../http/admission/caller-limiter.ts'
import type { OpenCall } from '../http/call.ts'
import { openOs } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { hashSecret, keyTextOf, presentedSecret } from '../keys/key-secret.ts'
import { insertKey, storedKey } from '../keys/key-store.ts'
import { freshPersonOf, personOf, recordAccount, tellRecorded } from '../people/account-change.ts'
import { requireMembership } from '../people/memberships/membership.ts'
import { findMember } from '../people/people-store.ts'
import { isMultiFactorIn, needsSecondFactor } from '../people/user-session-store.ts'
import type { Tx } from '../store/store.ts'
import type { LoginTable } from '../store/tables/access/people-tables.ts'
import { agree, findAsked, findLogin, insertLogin, rejectLogin, takeLogin } from './login-store.ts'

/** Long enough for a person to sign in with a phone. */
const LOGIN_LIFE_MS = 600_000

/** [RFC 8628 3.5] Short enough for a person, and long enough for a hub. */
const POLL_MS = 2_000

export const loginHandlers = {
  beginLogin: openOs.account.beginLogin.handler(async ({ context, input }) => {
    const { hub, source } = context
    const code = hub.ids.loginCode()
    const secret = hub.ids.secret()
    const nowMs = hub.clock.nowMs()
    const expiresAtMs = nowMs + LOGIN_LIFE_MS
    const row: LoginTable = {
      secret_hash: hashSecret(secret),
      code,
      device: input.device,
      source,
      state: 'asked',
      key_expires_in_seconds: input.expiresInSeconds,
      user_id: null,
      organisation_id: null,
      is_multi_factor: 0,
      created_at_ms: nowMs,
      expires_at_ms: expiresAtMs,
    }
    const isTaken = await hub.store.transaction((tx) => insertLogin(tx, row))
    if (!isTaken) throw problem('rate_limited', undefined, { retryAfterMs: LOGIN_LIFE_MS })
    const wish = input.organisation === undefined ? '' : `&organisation=${encodeURIComponent(input.organisation)}`
    const url = `${hub.config.publicUrl()}/connect?code=${code}${wish}`
    return { code, secret, url, expiresAtMs, pollMs: POLL_MS }
  }),
  collectLogin: openOs.account.collectLogin.handler(async ({ context, input }) => {
    const { hub, source } = context
    const login = await findLogin(hub.store.db, input.secret, hub.clock.nowMs())
    if (!login) {
      refuseGuesser(hub, { source, identity: presentedSecret(input.secret) }, 'login_refused')
      throw problem('login_refused')
    }
    if (login.state === 'asked') throw problem('login_pending', undefined, { retryAfterMs: POLL_MS })
    const made = await hub.store.transaction(async (tx) => {
      if (!(await takeLogin(tx, login.secret_hash)) || login.state === 'refused') return undefined
      return makeKey(context, tx, login)
    })
    if (!made) throw problem('login_refused')
    tellRecorded(context)
    return made
  }),
  showLogin: openOs.account.showLogin.handler(async ({ context, input }) => {
    await personOf(context)
    const { device, source, created_at_ms, key_expires_in_seconds } = await askedOf(context, input.code)
    return { device, source, createdAtMs: created_at_ms, keyExpiresInSeconds: key_expires_in_seconds }
  }),
  confirmLogin: openOs.account.confirmLogin.handler(async ({ context, input }) => {
    const who = await freshPersonOf(context)
    if (needsSecondFactor(who)) throw problem('second_factor_required')
    const { device, source } = await askedOf(context, input.code)
    await context.hub.store.transaction(async (tx) => {
      const { organisation_id } = await requireMembership(tx, who, input.organisation ?? who.organisation)
      const is_multi_factor = isMultiFactorIn(who, organisation_id) ? 1 : 0
      const agreed = { ...who, organisation_id, is_multi_factor } as const
      if (!(await agree(tx, input.code, agreed))) throw problem('login_unknown')
      await recordAccount(context, tx, agreed, { action: 'account.confirmLogin', detail: { device, source } })
    })
    tellRecorded(context)
    return {}
  }),
  refuseLogin: openOs.account.refuseLogin.handler(async ({ context, input }) => {
    const who = await personOf(context)
    const { device, source } = await askedOf(context, input.code)
    await context.hub.store.transaction(async (tx) => {
      await rejectLogin(tx, input.code)
      await recordAccount(context, tx, who, { action: 'account.refuseLogin', detail: { device, source } })
    })
    tellRecorded(context)
    return {}
  }),
}

async function askedOf({ hub, source }: OpenCall, code: string): Promise<LoginTable> {
  const login = await findAsked(hub.store.db, code, hub.clock.nowMs())
  if (login) return login
  refuseGuesser(hub, { source }, 'login_unknown')
  throw problem('login_unknown')
}

/** The key is made when it is fetched, so that its secret is not stored before. */
async function makeKey({ hub, source, trail }: OpenCall, tx: Tx, login: LoginTable) {
  const { user_id, organisation_id, is_multi_factor } = login
  const member = user_id && organisation_id && (await findMember(tx, organisation_id, user_id))
  if (!member || !organisation_id) return undefined
  const id = hub.ids.key()
  const secret = hub.ids.secret()
  const nowMs = hub.clock.nowMs()
  const row = {
    id,
    organisation_id,
    name: nameOf(hub, login),
    role: member.role,
    secret_hash: hashSecret(secret),
    created_at_ms: nowMs,
    expires_at_ms: nowMs + login.key_expires_in_seconds * 1_000,
    last_used_at_ms: null,
    revoked_at_ms: null,
    user_id: member.id,
    is_multi_factor,
  }
  if (!(await insertKey(tx, row))) throw new Error(`a key named ${row.name} exists already`)
  trail.organisationId = organisation_id
  trail.actor = { kind: 'user', id: member.id, name: member.name }
  await appendAudit(tx, {
    organisationId: organisation_id,
    atMs: nowMs,
    actor: trail.actor,
    action: 'key.create',
    source,
    result: 'ok',
    object: { kind: 'key', id },
    detail: { name: row.name, role: row.role, expiresAtMs: row.expires_at_ms, device: login.device },
  })
  trail.isRecorded = true
  return { secret: keyTextOf({ id, secret }), key: storedKey({ ...row, owner_email: member.email }) }
}

/** The name of the machine as a valid name, with letters that no other key has. */
function nameOf({ ids }: Hub, { device }: LoginTable): string {
  const word = device
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replaceAll(/^-+|-+$/g, '')
  return `${word || 'machine'}-${ids.request().slice(-12)}`
}
