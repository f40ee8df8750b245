/**
 * Session cookie: 256 random bits that name a session, where no script can read them and no other site's page can send them.
 *
 * [RFC 6265bis 4.1.3.2] `__Host-`: the browser takes it over TLS only, for this host only, for every path.
 */

const NAME = '__Host-skerry-session'
const FLAGS = 'Path=/; Secure; HttpOnly; SameSite=Strict'

/** What the identifiers' `secret()` makes. */
const ID = /^[A-Za-z0-9_-]{43}$/

/** The session that the header names; undefined where there is none that could be one. */
export function sessionIdOf(header: string | undefined): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const [name, value = ''] = part.trim().split('=', 2)
    if (name === NAME && ID.test(value)) return value
  }
  return undefined
}

/** Sets it. */
export const sessionCookie = (id: string, lifeMs: number): string =>
  `${NAME}=${id}; ${FLAGS}; Max-Age=${Math.floor(lifeMs / 1_000)}`

/** Takes it away. */
export const endedCookie = (): string => `${NAME}=; ${FLAGS}; Max-Age=0`
