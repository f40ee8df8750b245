/** People for tests: each with a cookie, as a browser keeps it. */
import { createHmac } from 'node:crypto'
import { codeAt, stepAt } from '@skerry/core/people/totp'
import type { Answer, TestHub } from './running-hub.ts'

/** What a page of the hub sends, and nobody else can. */
export const ownPage = { 'sec-fetch-site': 'same-origin' }

export const PASSWORD = 'tidal basin lantern'

export type Reply = Answer<{ code?: string } & Record<string, unknown>>

/** Asks as a browser does, with or without a cookie, and from another address of this machine if one is given. */
export const asBrowser =
  (hub: TestHub, cookie?: string, from?: string) => (method: string, path: string, body?: unknown) =>
    hub.ask<{ code?: string } & Record<string, unknown>>(method, path, {
      key: null,
      body,
      from,
      headers: { ...ownPage, ...(cookie === undefined ? {} : { cookie }) },
    })

export const cookieOf = ({ headers }: Pick<Reply, 'headers'>): string =>
  String(headers['set-cookie']).split(';')[0] ?? ''

/** The cookie with which a browser is known again. */
export const browserOf = ({ headers }: Pick<Reply, 'headers'>): string =>
  [headers['set-cookie']]
    .flat()
    .map((text) => String(text).split(';')[0] ?? '')
    .find((text) => text.startsWith('__Host-skerry-browser=')) ?? ''

export const signIn = (hub: TestHub, email: string, more: Record<string, unknown> = {}): Promise<Reply> =>
  asBrowser(hub)('POST', '/v1/account/session', { email, password: PASSWORD, ...more })

/** Takes the invitation, and gives the cookie. */
export async function joinPerson(hub: TestHub, email: string, invitation: string): Promise<string> {
  const body = { invitation, email, name: email.split('@')[0], password: PASSWORD }
  const answer = await asBrowser(hub)('POST', '/v1/account', body)
  if (answer.status !== 200) throw new Error(answer.text)
  return cookieOf(answer)
}

/** Invites with the owner's key, and joins. */
export async function newPerson(hub: TestHub, email: string, role = 'viewer'): Promise<string> {
  const { body } = await hub.ask<{ link: string }>('POST', '/v1/invitations', { body: { role } })
  return joinPerson(hub, email, body.link.split('#invitation=')[1] ?? '')
}

/** What an authenticator shows at the time [RFC 6238], out of the secret that it scanned. */
export function authenticatorCode(secret: string, nowMs: number): string {
  const bits = [...secret].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  )
  const bytes = (bits.join('').match(/.{8}/g) ?? []).map((eight) => Number.parseInt(eight, 2))
  const hmacOf = (counter: Uint8Array) => createHmac('sha1', Buffer.from(bytes)).update(counter).digest()
  return codeAt(stepAt(nowMs), hmacOf)
}
