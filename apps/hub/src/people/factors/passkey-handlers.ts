/** Procedures on one's own passkeys, and signing in with one. What belongs to an attempt travels sealed with the browser that began it. */

import type { NewPasskey, PasskeyProof } from '@skerry/contract/people/passkey'
import { UserId } from '@skerry/contract/values/ids'
import * as z from 'zod'
import { refuseGuesser } from '../../http/admission/caller-limiter.ts'
import type { OpenCall } from '../../http/call.ts'
import { openOs } from '../../http/implementer.ts'
import { type Problem, problem } from '../../http/problem.ts'
import { isSameOrigin } from '../../sessions/browser-headers.ts'
import { attemptCookie, endedAttemptCookie, ticketOf } from '../../sso/attempt-cookie.ts'
import { fromJson, toJson } from '../../store/json-column.ts'
import type { PasskeyTable } from '../../store/tables/access/people-tables.ts'
import { beginSession, giveCookie, personOf, prepareSession, recordAccount, tellRecorded } from '../account-change.ts'
import { requireUnbound } from '../memberships/membership.ts'
import { membershipsOf } from '../people-store.ts'
import { spendTicket, TICKET_LIFE_MS } from '../ticket.ts'
import { endOtherSessionsBy, liftEnrolled, type SignedIn } from '../user-session-store.ts'
import { provedPersonOf } from '../way-in.ts'
import {
  countPasskeys,
  findCredential,
  insertPasskey,
  passkeyOf,
  passkeysOf,
  removePasskey,
  renamePasskey,
  usePasskey,
} from './passkey-store.ts'
import { recordAttempt } from './prove-person.ts'
import type { MadePasskey, RelyingParty } from './relying-party.ts'

/** A phone, a laptop and two security keys, five times over; a list that a person still looks through. */
const PASSKEYS_MAX = 20

const PURPOSES = { add: 'passkey, add', signIn: 'passkey, sign in' } as const
type Purpose = keyof typeof PURPOSES

const Content = z.strictObject({
  challenge: z.string(),
  /** Whose account it is added to; nobody's yet, where somebody signs in. */
  userId: UserId.nullable(),
})

/** Loaded with the first passkey. */
const webauthn = () => import('./relying-party.ts')

export const passkeyHandlers = {
  passkeys: openOs.account.passkeys.handler(async ({ context }) => {
    const who = await personOf(context)
    return { rows: (await passkeysOf(context.hub.store.db, who.user_id)).map(passkeyOf) }
  }),
  beginPasskey: openOs.account.beginPasskey.handler(async ({ context }) => {
    const who = await provedPersonOf(context)
    const [{ ALGORITHMS, handleOf }, rp] = [await webauthn(), await relyingParty(context)]
    const known = await passkeysOf(context.hub.store.db, who.user_id)
    if (known.length >= PASSKEYS_MAX) throw problem('passkeys_full')
    return {
      challenge: begin(context, 'add', who.user_id),
      rp: { id: rp.id, name: `Skerry ${who.organisation}` },
      user: { id: handleOf(who.user_id), name: who.email, displayName: who.name },
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key' as const, alg })),
      timeout: TICKET_LIFE_MS,
      attestation: 'none' as const,
      excludeCredentials: known.map(({ credential_id, transports }) => ({
        type: 'public-key' as const,
        id: credential_id,
        transports: fromJson(transports),
      })),
      authenticatorSelection: {
        residentKey: 'required' as const,
        requireResidentKey: true as const,
        userVerification: 'required' as const,
      },
    }
  }),
  addPasskey: openOs.account.addPasskey.handler(async ({ context, input: { name, passkey } }) => {
    const who = await provedPersonOf(context)
    return passkeyOf(await add(context, who, { name, passkey, made: await made(context, who, passkey) }))
  }),
  renamePasskey: openOs.account.renamePasskey.handler(async ({ context, input: { passkey: id, name } }) => {
    const who = await personOf(context)
    requireUnbound(who)
    await context.hub.store.transaction(async (tx) => {
      const from = await renamePasskey(tx, { id, userId: who.user_id }, name)
      if (from === undefined) throw problem('passkey_unknown')
      const detail = { passkey: id, from, to: name }
      await recordAccount(context, tx, who, { action: 'account.renamePasskey', detail })
    })
    tellRecorded(context)
    return {}
  }),
  removePasskey: openOs.account.removePasskey.handler(async ({ context, input: { passkey: id } }) => {
    const who = await provedPersonOf(context)
    await context.hub.store.transaction(async (tx) => {
      const name = await removePasskey(tx, { id, userId: who.user_id })
      if (name === undefined) throw problem('passkey_unknown')
      // Whoever removes one may have lost it, and with it a browser that is signed in.
      await endOtherSessionsBy(tx, who.user_id, { method: 'passkey', except: who.id })
      await recordAccount(context, tx, who, { action: 'account.removePasskey', detail: { passkey: id, name } })
    })
    tellRecorded(context)
    return {}
  }),
  beginPasskeySignIn: openOs.account.beginPasskeySignIn.handler(async ({ context }) => {
    // Else a foreign page could sign a person in as somebody else.
    if (!isSameOrigin(context.browser)) throw problem('origin_refused')
    const { id } = await relyingParty(context)
    const challenge = begin(context, 'signIn', null)
    return { challenge, rpId: id, timeout: TICKET_LIFE_MS, userVerification: 'required' as const }
  }),
  signInWithPasskey: openOs.account.signInWithPasskey.handler(async ({ context, input: { passkey, organisation } }) => {
    if (!isSameOrigin(context.browser)) throw problem('origin_refused')
    return signIn(context, passkey, organisation)
  }),
}

async function relyingParty({ hub }: OpenCall): Promise<RelyingParty> {
  const { relyingPartyOf } = await webauthn()
  const found = relyingPartyOf(hub.config.publicUrl())
  if (!found) throw problem('passkey_unavailable')
  return found
}

/** Gives the browser the ticket, and the challenge that is in it. */
function begin(context: OpenCall, purpose: Purpose, userId: UserId | null): string {
  const { hub } = context
  const challenge = hub.ids.secret()
  const made = { id: hub.ids.secret(), nowMs: hub.clock.nowMs() }
  const ticket = hub.people.tickets.issue(PURPOSES[purpose], { challenge, userId }, made)
  context.setCookie(attemptCookie(ticket, TICKET_LIFE_MS))
  return challenge
}

/** The challenge of this browser. [WebAuthn L3 13.4.3] It is spent before anything is looked at: each counts once, whatever was signed. */
async function challengeOf(context: OpenCall, purpose: Purpose, userId: UserId | null): Promise<string> {
  const { hub, browser } = context
  const nowMs = hub.clock.nowMs()
  const begun = hub.people.tickets.read(PURPOSES[purpose], Content, ticketOf(browser.cookie) ?? '', nowMs)
  context.setCookie(endedAttemptCookie())
  if (!begun) throw refused(context, 'no attempt of this browser')
  if (begun.content.userId !== userId) throw refused(context, 'another person has signed in meanwhile')
  const isFirst = await hub.store.transaction((tx) => spendTicket(tx, begun, nowMs))
  if (!isFirst) throw refused(context, 'the challenge was used before')
  return begun.content.challenge
}

/** Counts it, and gives what is answered. The reason stands in log and trail: it would help whoever forges. */
function refused({ hub, source }: OpenCall, reason: string): Problem {
  hub.log.warn('passkey_refused', { source, reason })
  refuseGuesser(hub, { source }, 'passkey_refused')
  return problem('passkey_refused')
}

async function made(context: OpenCall, who: SignedIn, passkey: NewPasskey): Promise<MadePasskey> {
  const [{ verifyNew }, rp] = [await webauthn(), await relyingParty(context)]
  const challenge = await challengeOf(context, 'add', who.user_id)
  const verdict = await verifyNew({ ...rp, challenge }, passkey)
  if (!verdict.ok) throw refused(context, verdict.reason)
  return verdict.value
}

type Adding = { name: string; passkey: NewPasskey; made: MadePasskey }

async function add(context: OpenCall, who: SignedIn, { name, passkey, made }: Adding): Promise<PasskeyTable> {
  const { hub } = context
  const row: PasskeyTable = {
    id: hub.ids.passkey(),
    user_id: who.user_id,
    name,
    transports: toJson(passkey.transports),
    ...made,
    created_at_ms: hub.clock.nowMs(),
    last_used_at_ms: null,
  }
  await hub.store.transaction(async (tx) => {
    if ((await countPasskeys(tx, who.user_id)) >= PASSKEYS_MAX) throw problem('passkeys_full')
    if (!(await insertPasskey(tx, row))) throw problem('passkey_exists')
    // Something known and something had that has verified the person: as after a proved authenticator.
    await liftEnrolled(tx, who)
    const detail = { passkey: row.id, name, isSynced: row.is_synced === 1 }
    await recordAccount(context, tx, who, { action: 'account.addPasskey', detail })
  })
  tellRecorded(context)
  return row
}

async function signIn(context: OpenCall, proof: PasskeyProof, organisation: string | undefined) {
  const { hub } = context
  const [{ verifyProof }, rp] = [await webauthn(), await relyingParty(context)]
  const challenge = await challengeOf(context, 'signIn', null)
  const row = await findCredential(hub.store.db, proof.id)
  if (!row) throw refused(context, 'no account has this passkey')
  const verdict = await verifyProof({ ...rp, challenge }, row, proof)
  if (!verdict.ok) throw await refusedTo(context, row, verdict.reason)
  const session = await prepareSession(context)
  const isIn = await hub.store.transaction(async (tx) => {
    const used = { newCounter: verdict.value, nowMs: hub.clock.nowMs() }
    const memberships = await membershipsOf(tx, row.user_id)
    const named = memberships.filter((each) => each.organisation === (organisation ?? each.organisation))
    const membership = named.find(({ disabled_at_ms }) => disabled_at_ms == null) ?? named[0]
    if (membership?.disabled_at_ms != null) throw problem('organisation_disabled')
    if (!membership || !(await usePasskey(tx, row, used))) return false
    const how = { method: 'passkey', isMultiFactor: true }
    const who = { user_id: row.user_id, name: row.user }
    await beginSession(context, tx, who, { membership, session, action: 'account.signIn', how })
    return true
  })
  if (!isIn)
    throw await refusedTo(context, row, 'the person is not in the organisation, or the passkey was used meanwhile')
  return giveCookie(context, session)
}

/** Somebody's passkey, and yet nobody is let in: that is for the trail of everybody who should know. */
async function refusedTo(context: OpenCall, { user_id, id }: PasskeyTable, reason: string): Promise<Problem> {
  for (const { organisation_id } of await membershipsOf(context.hub.store.db, user_id)) {
    await recordAttempt(context, {
      organisationId: organisation_id,
      userId: user_id,
      action: 'account.signIn',
      result: 'passkey_refused',
      detail: { method: 'passkey', passkey: id, reason },
    })
  }
  return refused(context, reason)
}
