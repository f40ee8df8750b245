/**
 * Sign out: ends the session and leaves. The page drops its data after nothing shows it any more. Otherwise it would
 * fetch the data again without a session.
 */
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { hub } from '../hub/hub-client.ts'
import { noteNoSession } from '../hub/session-hint.ts'
import { forgetAll } from '../hub/shown-organisation.ts'

export function useSignOut(): () => Promise<void> {
  const client = useQueryClient()
  const navigate = useNavigate()
  return async () => {
    await client.cancelQueries()
    await hub.session.end({})
    noteNoSession()
    await navigate({ to: '/sign-in' })
    forgetAll(client)
  }
}
