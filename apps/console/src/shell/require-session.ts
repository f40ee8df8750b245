/** Require session: whoever has none signs in first, whoever lacks a second factor sets it up, and both come to where they wanted to go. */
import { problemOf } from '@skerry/client/problem'
import type { QueryClient } from '@tanstack/react-query'
import { redirect } from '@tanstack/react-router'
import { queries } from '../hub/queries.ts'
import { mayHaveSession, noteNoSession } from '../hub/session-hint.ts'
import { peopleQueries } from '../pages/settings/people/people-queries.ts'

/** Throws a redirect where nobody is signed in. A hub that does not answer is no reason to sign in: the page says so itself. */
export async function requireSession(client: QueryClient, href: string): Promise<void> {
  await letIn(() => client.ensureQueryData(queries.me()), href)
}

/** The same where only people have business, whatever they still lack. A key has no account. */
export async function requirePerson(client: QueryClient, href: string): Promise<void> {
  await letIn(() => client.ensureQueryData(peopleQueries.account()), href)
}

/** Operators have no fleet to look at: they are led to the organisations. */
export async function leadOperator(client: QueryClient): Promise<void> {
  const { permissions } = await client.ensureQueryData(queries.me())
  if (permissions.includes('tenant.read')) throw redirect({ to: '/settings', search: { tab: 'organisations' } })
}

async function letIn(ask: () => Promise<unknown>, href: string): Promise<void> {
  const search = href === '/' ? {} : { next: href }
  if (!mayHaveSession()) throw redirect({ to: '/sign-in', search })
  try {
    await ask()
  } catch (error) {
    const { status, code } = problemOf(error)
    if (code === 'second_factor_required') throw redirect({ to: '/second-factor', search })
    if (code === 'account_missing') throw redirect({ to: '/account' })
    if (status !== 401) throw error
    noteNoSession()
    throw redirect({ to: '/sign-in', search })
  }
}
