/** Attempt cookie: the ticket of an attempt with a provider, which only the browser that began has. No script can read it, no other site's page send it. */

const NAME = '__Host-skerry-attempt'
const FLAGS = 'Path=/; Secure; HttpOnly; SameSite=Strict'

/** A sealed ticket, base64url; browsers keep 4,096 bytes. */
const TICKET = /^[A-Za-z0-9_-]{40,3500}$/

/** The ticket that the header brings; undefined where there is none that could be one. */
export function ticketOf(header: string | undefined): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const [name, value = ''] = part.trim().split('=', 2)
    if (name === NAME && TICKET.test(value)) return value
  }
  return undefined
}

/** Sets it. */
export const attemptCookie = (ticket: string, lifeMs: number): string =>
  `${NAME}=${ticket}; ${FLAGS}; Max-Age=${Math.floor(lifeMs / 1_000)}`

/** Takes it away. */
export const endedAttemptCookie = (): string => `${NAME}=; ${FLAGS}; Max-Age=0`
