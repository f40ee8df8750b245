/** Own sessions: where I am signed in, each ended from here. */
import type { UserSession } from '@skerry/contract/people/user'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { hub } from '../../hub/hub-client.ts'
import { peopleQueries } from '../settings/people/people-queries.ts'
import { browserName } from './browser-name.ts'
import { endSessions } from './end-sessions.ts'
import { accountTexts } from './english-account.ts'
import { SessionTable } from './session-table.tsx'

const words = accountTexts.sessions

export function OwnSessionsCard() {
  const { data, error, refetch } = useQuery(peopleQueries.ownSessions())
  const [ended, setEnded] = useState<UserSession>()
  const [isEndingOthers, setEndingOthers] = useState(false)
  const others = (data ?? []).filter(({ isThis }) => !isThis)
  const end = (session: string) => hub.account.endSession({ session })
  return (
    <Card
      isFlush
      title={words.title}
      aside={
        <Button
          isSmall
          look="danger"
          blocked={others.length === 0 ? words.noOthers : undefined}
          onClick={() => setEndingOthers(true)}
        >
          {words.endOthers}
        </Button>
      }
    >
      {!data && (error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading />)}
      {data && (
        <SessionTable
          label={words.title}
          sessions={data}
          endButton={(session) => (
            <Button isSmall look="danger" onClick={() => setEnded(session)}>
              {words.end}
            </Button>
          )}
        />
      )}
      {ended && (
        <Confirmation
          title={words.endTitle}
          lead={words.endLead(browserName(ended.browser), ended.source)}
          verb={words.end}
          isDanger
          run={() => end(ended.id)}
          done={words.ended}
          onClose={() => setEnded(undefined)}
        />
      )}
      {isEndingOthers && (
        <Confirmation
          title={words.endOthersTitle(others.length)}
          lead={words.endOthersLead}
          verb={words.endOthers}
          isDanger
          run={() => endSessions(others, end)}
          done={words.othersEnded}
          onClose={() => setEndingOthers(false)}
        />
      )}
    </Card>
  )
}
