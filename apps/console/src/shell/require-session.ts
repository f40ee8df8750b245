/** Require session: whoever has none signs in first, and comes back to where they wanted to go. */
import { problemOf } from '@skerry/client/problem'
import type { QueryClient } from '@tanstack/react-query'
import { redirect } from '@tanstack/react-router'
import { queries } from '../hub/queries.ts'
import { mayHaveSession, noteNoSession } from '../hub/session-hint.ts'

/** Throws a redirect where nobody is signed in. A hub that does not answer is no reason to sign in: the page says so itself. */
export async function requireSession(client: QueryClient, href: string): Promise<void> {
  const signIn = () => redirect({ to: '/sign-in', search: href === '/' ? {} : { next: href } })
  if (!mayHaveSession()) throw signIn()
  try {
    await client.ensureQueryData(queries.me())
  } catch (error) {
    if (problemOf(error).status !== 401) throw error
    noteNoSession()
    throw signIn()
  }
}
