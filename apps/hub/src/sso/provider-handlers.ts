/** Procedures on single sign-on: to a provider and back. What belongs to an attempt travels sealed with the browser that began it. */

import { ProviderId } from '@skerry/contract/people/user'
import type { UserId } from '@skerry/contract/values/ids'
import { UserId as Id } from '@skerry/contract/values/ids'
import { type Claims, isMultiFactor } from '@skerry/core/people/single-sign-on'
import * as z from 'zod'
import { appendAudit } from '../audit/audit-store.ts'
import { refuseGuesser } from '../http/admission/caller-limiter.ts'
import type { OpenCall } from '../http/call.ts'
import { openOs } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import { presentedSecret } from '../keys/key-secret.ts'
import { forgetKeys } from '../keys/personal-keys.ts'
import { beginSession, giveCookie, prepareSession, recordAccount, tellRecorded } from '../people/account-change.ts'
import { spendTicket, TICKET_LIFE_MS, type Ticket } from '../people/ticket.ts'
import { provedPersonOf } from '../people/way-in.ts'
import { isSameOrigin } from '../sessions/browser-headers.ts'
import type { Tx } from '../store/store.ts'
import { type Admission, admitPerson, type Reason } from './admit-person.ts'
import { attemptCookie, endedAttemptCookie, ticketOf } from './attempt-cookie.ts'
import type { SsoProvider } from './provider.ts'
import { findLinked, findOrganisation, link } from './provider-account-store.ts'

const PURPOSE = 'single sign-on'

const Content = z.strictObject({
  provider: ProviderId,
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  /** Whose account the provider is added to; nobody's yet, where somebody signs in. */
  userId: Id.nullable(),
})
type Begun = Ticket<z.infer<typeof Content>>

/** [OpenID Connect Core 1.0, 3.1.2.1] One address, compared letter by letter by the provider. A page of the console, which brings the answer back. */
const redirectUriOf = ({ hub }: OpenCall) => `${hub.config.publicUrl()}/sso`

export const providerHandlers = {
  providers: openOs.account.providers.handler(async ({ context: { hub } }) => ({
    rows: hub.people.providerNames.map(({ id, label }) => ({ id, label })),
  })),
  beginProvider: openOs.account.beginProvider.handler(async ({ context, input }) => {
    // Else a foreign page could sign a person in as somebody else.
    if (!isSameOrigin(context.browser)) throw problem('origin_refused')
    const { hub } = context
    const provider = await providerOf(context, input.provider)
    const userId = input.purpose === 'link' ? (await provedPersonOf(context)).user_id : null
    const state = hub.ids.secret()
    const nonce = hub.ids.secret()
    const verifier = hub.ids.secret()
    const attempt = { state, nonce, verifier, redirectUri: redirectUriOf(context) }
    const url = await provider.addressFor(attempt, hub.signal).catch((error: unknown) => {
      hub.log.warn('provider_unreachable', { provider: input.provider, error })
      throw problem('provider_unreachable')
    })
    const content = { provider: input.provider, state, nonce, verifier, userId }
    const made = { id: hub.ids.secret(), nowMs: hub.clock.nowMs() }
    context.setCookie(attemptCookie(hub.people.tickets.issue(PURPOSE, content, made), TICKET_LIFE_MS))
    return { url }
  }),
  finishProvider: openOs.account.finishProvider.handler(async ({ context, input }) => {
    if (!isSameOrigin(context.browser)) throw problem('origin_refused')
    const { hub, browser } = context
    const nowMs = hub.clock.nowMs()
    const begun = hub.people.tickets.read(PURPOSE, Content, ticketOf(browser.cookie) ?? '', nowMs)
    context.setCookie(endedAttemptCookie())
    if (!begun) throw refuseAnswer(context, 'no attempt of this browser')
    const provider = await providerOf(context, begun.content.provider)
    const claims = await claimsOf(context, provider, begun, input.answer)
    if (begun.content.userId !== null) {
      await addProvider(context, provider, { begun, claims, userId: begun.content.userId })
      return { purpose: 'link' as const }
    }
    return { ...(await enter(context, provider, { begun, claims })), purpose: 'signIn' as const }
  }),
}

async function providerOf({ hub }: OpenCall, id: string): Promise<SsoProvider> {
  const provider = (await hub.people.providers()).find(({ config }) => config.id === id)
  if (!provider) throw problem('provider_unknown')
  return provider
}

type VerifiedClaims = Claims & { sub: string }

async function claimsOf(
  context: OpenCall,
  provider: SsoProvider,
  { content }: Begun,
  answer: string,
): Promise<VerifiedClaims> {
  const { hub } = context
  const attempt = { ...content, redirectUri: redirectUriOf(context) }
  try {
    return await provider.claimsOf(new URLSearchParams(answer), attempt, hub.signal)
  } catch (error) {
    if (!isAboutProtocol(error)) {
      hub.log.warn('provider_unreachable', { provider: provider.config.id, error })
      throw problem('provider_unreachable')
    }
    const refusal = refuseAnswer(context, reasonOf(error))
    await recordRefusal(context, provider, { result: 'provider_refused', detail: { reason: reasonOf(error) } })
    throw refusal
  }
}

/** The library has a code for whatever an answer is refused for; what the network says has another, or none. */
const isAboutProtocol = (error: unknown) =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('OAUTH_')

/** What the library says is about the protocol, and holds no token. */
const reasonOf = (error: unknown) => (error instanceof Error ? error.message.slice(0, 200) : 'unknown')

/** Counts it, and gives what is answered. The reason stands in log and trail: it would help whoever forges. */
function refuseAnswer({ hub, source }: OpenCall, reason: string) {
  hub.log.warn('sign_in_refused', { source, reason })
  refuseGuesser(hub, { source }, 'provider_refused')
  return problem('provider_refused')
}

type Verified = { begun: Begun; claims: VerifiedClaims }

async function enter(context: OpenCall, provider: SsoProvider, { begun, claims }: Verified) {
  const { hub } = context
  const { config } = provider
  const session = await prepareSession(context)
  const admission = await hub.store.transaction(async (tx): Promise<Admission> => {
    await spend(context, tx, begun)
    const admitted = await admitPerson(context, tx, { auth: session.auth, config, claims })
    if (!admitted.ok) return admitted
    const action = admitted.isNew ? 'account.join' : 'account.signIn'
    const how = { method: `provider:${config.id}`, isMultiFactor: isMultiFactor(claims, config.secondFactorAcr) }
    await beginSession(context, tx, admitted, { membership: admitted, session, action, how })
    return admitted
  })
  const whose = admission.ok ? { organisationId: admission.organisation_id, userId: admission.user_id } : admission
  if (whose.organisationId && whose.userId) await forgetKeys(hub, { ...whose, organisationId: whose.organisationId })
  if (admission.ok) return giveCookie(context, session)
  const { reason, detail = {}, userId } = admission
  const code = reason === 'unlinked' ? 'provider_unlinked' : 'person_refused'
  const identity = presentedSecret(`${config.id} ${claims.sub}`)
  refuseGuesser(hub, { source: context.source, identity }, code)
  await recordRefusal(context, provider, {
    result: code,
    userId,
    detail: { reason, subject: claims.sub.slice(0, 200), ...detail },
  })
  throw reason === 'unlinked' ? problem(code) : problem(code, WORDS[reason])
}

const WORDS: Readonly<Record<Exclude<Reason, 'unlinked'>, string>> = {
  organisation:
    'the organisation of this provider is not on this hub; ask the operator of the hub to check its --sso-file',
  address: 'the provider has not verified your e-mail address; verify it there first',
  domain: 'this hub does not admit addresses of your domain; ask the operator of this hub',
  group: 'none of your groups has a role here; ask the administrator of your directory',
  role: 'the role of your group no longer exists here; ask the operator of this hub',
  mapping:
    'the mapping of groups to roles waits for the approval of a second person; ask an owner to look at the approvals, then sign in again',
  invitation: 'your address is not invited yet; ask an owner to run "skerry user invite --email ADDRESS"',
}

/** [RFC 6749 10.12] Each attempt counts once, whatever the provider would say to its code. */
async function spend(context: OpenCall, tx: Tx, begun: Begun): Promise<void> {
  if (!(await spendTicket(tx, begun, context.hub.clock.nowMs())))
    throw refuseAnswer(context, 'the attempt was used before')
}

async function addProvider(
  context: OpenCall,
  { config }: SsoProvider,
  { begun, claims, userId }: Verified & { userId: UserId },
): Promise<void> {
  const who = await provedPersonOf(context)
  if (who.user_id !== userId) throw refuseAnswer(context, 'another person has signed in meanwhile')
  const auth = await context.hub.people.auth()
  const subject = { issuer: config.issuer, sub: claims.sub }
  await context.hub.store.transaction(async (tx) => {
    await spend(context, tx, begun)
    const linked = await findLinked(tx, subject)
    if (linked && linked.id !== userId) throw refuseAnswer(context, 'the subject belongs to another person')
    if (!linked) await link(auth, tx, userId, subject)
    await recordAccount(context, tx, who, { action: 'account.linkProvider', detail: { provider: config.id } })
  })
  tellRecorded(context)
}

type Refusal = {
  result: 'provider_refused' | 'person_refused' | 'provider_unlinked'
  userId?: UserId | undefined
  detail: Record<string, unknown>
}

async function recordRefusal({ hub, source }: OpenCall, { config }: SsoProvider, { result, userId, detail }: Refusal) {
  const organisation = await findOrganisation(hub.store.db, config.organisation)
  if (!organisation) return
  await hub.store.transaction((tx) =>
    appendAudit(tx, {
      organisationId: organisation.id,
      atMs: hub.clock.nowMs(),
      action: 'account.signIn',
      source,
      result,
      actor: { kind: 'anonymous', id: '', name: '' },
      object: { kind: 'user', id: userId ?? '' },
      detail: { provider: config.id, ...detail },
    }),
  )
  hub.bus.publish('audit.appended', organisation.id)
}
