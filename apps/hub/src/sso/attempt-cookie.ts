/**
 * Attempt cookie: the ticket of an attempt with a provider, which only the browser that began it has. No script can
 * read it, and no page of another site can send it.
 */

const NAME = '__Host-skerry-attempt'
const FLAGS = 'Path=/; Secure; HttpOnly; SameSite=Strict'

/** An encrypted ticket, base64url; browsers keep 4,096 bytes. */
const TICKET = /^[A-Za-z0-9_-]{40,3500}$/

/** The ticket in the header; undefined if no value has the right form. */
export function ticketOf(header: string | undefined): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const [name, value = ''] = part.trim().split('=', 2)
    if (name === NAME && TICKET.test(value)) return value
  }
  return undefined
}

/** The cookie that begins an attempt. */
export const attemptCookie = (ticket: string, lifeMs: number): string =>
  `${NAME}=${ticket}; ${FLAGS}; Max-Age=${Math.floor(lifeMs / 1_000)}`

/** The cookie that ends an attempt. */
export const endedAttemptCookie = (): string => `${NAME}=; ${FLAGS}; Max-Age=0`
