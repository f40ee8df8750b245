/**
 * Enter: takes a person who has just signed in to the page that they wanted. It first removes all data of the previous
 * session.
 */
import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { setConnectionState } from '../../hub/connection-state.ts'
import { noteSession } from '../../hub/session-hint.ts'
import { forgetAll } from '../../hub/shown-organisation.ts'

export function useEnter(next: string): (session: { expiresAtMs: number }) => Promise<void> {
  const client = useQueryClient()
  const router = useRouter()
  return async ({ expiresAtMs }) => {
    noteSession(expiresAtMs)
    forgetAll(client)
    setConnectionState('connecting')
    await router.navigate({ href: next })
  }
}
