/** Sessions card: each use of a grant, and the recordings of terminals. */
import type { AccessSession } from '@skerry/contract/access/access'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { CircleCheck, CircleX, Eye, History, Hourglass, Play, Radio } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Confirmation } from '../../../components/dialogs/confirmation.tsx'
import { Tooltip } from '../../../components/dialogs/tooltip.tsx'
import { Badge } from '../../../components/facts/badge.tsx'
import { Copyable } from '../../../components/facts/copyable.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { Empty, Failure, Loading } from '../../../components/page-state.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { accessQueries } from './access-queries.ts'
import { accessTexts } from './english-access.ts'

const words = accessTexts.sessions

const WatchDialog = lazy(async () => ({ default: (await import('./watch-dialog.tsx')).WatchDialog }))

const ReplayDialog = lazy(async () => ({ default: (await import('./replay-dialog.tsx')).ReplayDialog }))

const LOOKS = {
  waiting: { tone: 'busy', icon: Hourglass },
  open: { tone: 'busy', icon: Radio },
  ended: { tone: 'idle', icon: CircleCheck },
  failed: { tone: 'bad', icon: CircleX },
} as const

export function SessionsCard({ device }: { device: string }) {
  const { data, error, refetch } = useQuery(accessQueries.sessions(device))
  const client = useQueryClient()
  const [shown, setShown] = useState<AccessSession>()
  const [watched, setWatched] = useState<AccessSession>()
  const [stopping, setStopping] = useState<AccessSession>()
  return (
    <Card title={words.title} isFlush>
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!data && !error && <Loading />}
      {data?.rows.length === 0 && <Empty icon={History} title={words.none} hint={words.noneHint} />}
      {data && data.rows.length > 0 && (
        <PlainTable
          label={words.title}
          headers={words.headers}
          wideOnly={[words.headers[2], words.headers[4]]}
          rows={data.rows.map((session) => ({
            key: session.id,
            cells: [
              <Instant key="began" ms={session.createdAtMs} />,
              session.holder.name,
              <span key="kind" className="whitespace-nowrap">
                {accessTexts.kinds[session.kind]}{' '}
                {session.target !== undefined && <code className="font-mono text-xs text-soft">{session.target}</code>}
              </span>,
              <State key="state" session={session} />,
              <RecordingFacts key="recording" session={session} />,
              <Actions key="actions" session={session} onPlay={setShown} onWatch={setWatched} onStop={setStopping} />,
            ],
          }))}
        />
      )}
      <Suspense fallback={null}>
        {shown && <ReplayDialog session={shown} onClose={() => setShown(undefined)} />}
        {watched && <WatchDialog session={watched} onClose={() => setWatched(undefined)} />}
      </Suspense>
      {stopping && (
        <Confirmation
          title={words.stopTitle}
          lead={words.stopLead}
          verb={words.stop}
          isDanger
          needsReason
          run={async (reason) => {
            await hub.access.stop({ device, accessSession: stopping.id, reason })
            await client.invalidateQueries({ queryKey: ['devices', 'access', device] })
          }}
          done={words.stopped}
          onClose={() => setStopping(undefined)}
        />
      )}
    </Card>
  )
}

type ActionProps = { session: AccessSession } & Record<
  'onPlay' | 'onWatch' | 'onStop',
  (session: AccessSession) => void
>

const Actions = ({ session, onPlay, onWatch, onStop }: ActionProps) => (
  <span className="flex flex-wrap justify-end gap-2">
    {session.kind === 'shell' && session.recording && (
      <GuardedButton permission="access.replay" isSmall onClick={() => onPlay(session)}>
        <Play size={13} aria-hidden />
        {words.play}
      </GuardedButton>
    )}
    {session.kind === 'shell' && session.state === 'open' && (
      <GuardedButton permission="access.replay" isSmall onClick={() => onWatch(session)}>
        <Eye size={13} aria-hidden />
        {words.watch}
      </GuardedButton>
    )}
    {session.state === 'open' && (
      <GuardedButton permission="access.request" look="danger" isSmall onClick={() => onStop(session)}>
        {words.stop}
      </GuardedButton>
    )}
  </span>
)

const State = ({ session: { state, ended, exitCode, watchers, isModerated } }: { session: AccessSession }) => (
  <span className="flex flex-wrap items-center gap-x-2">
    <Badge {...LOOKS[state]}>{words.states[state]}</Badge>
    <span className="text-xs text-soft">
      {[
        watchers && words.watchedBy(watchers),
        state === 'open' && isModerated && !watchers && words.waits,
        ended !== undefined && ended !== 'closed' && words.ended(ended),
        exitCode !== undefined && words.exit(exitCode),
      ]
        .filter(Boolean)
        .join(', ')}
    </span>
  </span>
)

const RecordingFacts = ({ session: { recording } }: { session: AccessSession }) =>
  recording && (
    <span className="flex items-center gap-2">
      <Copyable value={recording.digest} shown={recording.digest.slice(0, 'sha256:'.length + 12)} what={words.digest} />
      {!recording.isWhole && (
        <Tooltip text={words.cutHint}>
          <span className="text-xs text-warn">{words.cut}</span>
        </Tooltip>
      )}
    </span>
  )
