/** Person sessions: where somebody is signed in, each ended from here. */
import type { User, UserSession } from '@skerry/contract/people/user'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Confirmation } from '../../../components/dialogs/confirmation.tsx'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { browserName } from '../../account/browser-name.ts'
import { accountTexts } from '../../account/english-account.ts'
import { SessionTable } from '../../account/session-table.tsx'
import { peopleTexts } from './english-people.ts'
import { peopleQueries } from './people-queries.ts'
import { useRoleChoices } from './role-choices.ts'

const words = peopleTexts.person

export function PersonSessions({ user }: { user: User }) {
  const { data, error, refetch } = useQuery(peopleQueries.sessionsOf(user.id))
  const beyond = useRoleChoices().find(({ role }) => role === user.role)?.blocked
  const [ended, setEnded] = useState<UserSession>()
  return (
    <section aria-label={words.sessions} className="-mx-4">
      <h3 className="mb-1 px-4 text-sm font-semibold">{words.sessions}</h3>
      {!data && (error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading />)}
      {data?.length === 0 && <p className="px-4 text-sm text-soft">{words.noSessions}</p>}
      {data && data.length > 0 && (
        <SessionTable
          label={words.sessions}
          sessions={data}
          endButton={(session) => (
            <GuardedButton
              permission="user.write"
              blocked={beyond}
              isSmall
              look="danger"
              onClick={() => setEnded(session)}
            >
              {words.end}
            </GuardedButton>
          )}
        />
      )}
      {ended && (
        <Confirmation
          title={words.endTitle(user.name)}
          lead={accountTexts.sessions.endLead(browserName(ended.browser), ended.source)}
          verb={words.end}
          isDanger
          run={() => hub.user.endSession({ user: user.id, session: ended.id })}
          done={accountTexts.sessions.ended}
          onClose={() => setEnded(undefined)}
        />
      )}
    </section>
  )
}
