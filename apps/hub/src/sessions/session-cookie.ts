/**
 * Session cookie: 256 random bits that identify a session. No script can read them, and no page of another site can
 * send them.
 *
 * [RFC 6265bis 4.1.3.2] `__Host-`: the browser accepts it over TLS only, for this host only, for every path.
 */

const NAME = '__Host-skerry-session'
const FLAGS = 'Path=/; Secure; HttpOnly; SameSite=Strict'

/** The form of a secret from the identifiers. */
const ID = /^[A-Za-z0-9_-]{43}$/

/** The session that the header names; undefined if no value has the right form. */
export function sessionIdOf(header: string | undefined): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const [name, value = ''] = part.trim().split('=', 2)
    if (name === NAME && ID.test(value)) return value
  }
  return undefined
}

/** The cookie that begins a session. */
export const sessionCookie = (id: string, lifeMs: number): string =>
  `${NAME}=${id}; ${FLAGS}; Max-Age=${Math.floor(lifeMs / 1_000)}`

/** The cookie that ends a session. */
export const endedCookie = (): string => `${NAME}=; ${FLAGS}; Max-Age=0`
