/** Learning: its progress, the candidates, the detector and its alarm; or why there is none. */
import { isLearningOver, type Learning, type LearningFinding } from '@skerry/contract/learning/learning'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Card, Page } from '../../components/card.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { hub } from '../../hub/hub-client.ts'
import { ProgressBar } from '../models/upload/job/progress-bar.tsx'
import { AlarmsCard } from './alarms-card.tsx'
import { CandidatesCard } from './candidates-card.tsx'
import { learningTexts as words } from './english-learning.ts'
import { LearningBadge } from './learning-badge.tsx'
import { learningQueries } from './learning-queries.ts'
import { LeaveOutButton } from './leave-out-button.tsx'
import { MarksCard } from './marks-card.tsx'
import { ResultCard } from './result-card.tsx'
import { ShadowCard } from './shadow-card.tsx'
import { TagsCard } from './tags-card.tsx'

const back = { to: '/learning', text: words.back } as const

/** Renders the page at /learning/NAME. */
export function LearningPage() {
  const { name } = useParams({ from: '/inside/learning/$name' })
  const { data: learning, error, refetch } = useQuery(learningQueries.one(name))
  if (!learning)
    return (
      <Page title={name} back={back}>
        <WaitingCard error={error} retry={refetch} />
      </Page>
    )
  const { spec, phase, outcome, reason, marks = [] } = learning
  return (
    <Page
      title={name}
      back={back}
      beside={<LearningBadge phase={phase} />}
      lead={
        <>
          {words.lead(spec.device, spec.source, spec.tags)}
          {learning.fleet !== undefined && <FleetLink name={learning.fleet} />}
          {reason !== undefined && <span className="block wrap-anywhere">{reason}</span>}
        </>
      }
      actions={<Actions learning={learning} />}
    >
      {!isLearningOver(phase) && phase !== 'shadow' && <ProgressCard learning={learning} />}
      {(phase === 'shadow' || outcome?.shadow) && <ShadowCard name={spec.name} shadow={outcome?.shadow} />}
      {learning.flowVersion !== undefined && isLearningOver(phase) && <AlarmsCard learning={learning} />}
      {marks.length > 0 && <MarksCard {...{ learning, marks }} />}
      {outcome && outcome.findings.length > 0 && (
        <FindingsCard findings={outcome.findings} isLearned={learning.modelVersion !== undefined} />
      )}
      {outcome && outcome.candidates.length > 0 && (
        <CandidatesCard candidates={outcome.candidates} chosen={outcome.chosen} />
      )}
      <div className="grid items-start gap-4 xl:grid-cols-2">
        {outcome && outcome.tags.length > 0 && <TagsCard tags={outcome.tags} />}
        <ResultCard learning={learning} />
      </div>
    </Page>
  )
}

const FleetLink = ({ name }: { name: string }) => (
  <span className="block">
    {words.fleet.of}:{' '}
    <Link to="/learning/fleets/$name" params={{ name }} className="rounded hover:text-accent hover:underline">
      {name}
    </Link>
  </span>
)

function ProgressCard({ learning: { rows, rowsWanted } }: { learning: Learning }) {
  return (
    <Card title={words.progress}>
      <ProgressBar label={words.progress} done={rows} total={rowsWanted} />
      <p className="tabular mt-2 text-sm text-soft">{words.rows(rows, rowsWanted)}</p>
    </Card>
  )
}

type FindingsCardProps = { findings: readonly LearningFinding[]; isLearned: boolean }

const FindingsCard = ({ findings, isLearned }: FindingsCardProps) => (
  <Card title={isLearned ? words.findings.learned : words.findings.title}>
    <ul className="flex flex-col gap-4">
      {findings.map(({ code, tag, message, advice }) => (
        <li key={`${code} ${tag ?? ''}`} className="text-sm">
          <p className="font-medium wrap-anywhere">{message}</p>
          <p className="mt-1 wrap-anywhere text-soft">
            {words.findings.next}: {advice}
          </p>
          <code className="mt-1 block text-xs text-faint">{code}</code>
        </li>
      ))}
    </ul>
  </Card>
)

function Actions({ learning: { spec, phase } }: { learning: Learning }) {
  const { name } = spec
  const [isAsked, setAsked] = useState(false)
  const client = useQueryClient()
  if (isLearningOver(phase)) return null
  const cancel = async (reason: string) => {
    await hub.learning.cancel({ name, reason })
    await client.invalidateQueries({ queryKey: learningQueries.list().queryKey })
  }
  return (
    <>
      <LeaveOutButton name={name} />
      <GuardedButton permission="learning.write" look="danger" onClick={() => setAsked(true)}>
        {words.cancel}
      </GuardedButton>
      {isAsked && (
        <Confirmation
          title={words.cancelTitle(name)}
          lead={words.cancelLead}
          verb={words.cancel}
          isDanger
          needsReason
          run={cancel}
          done={words.cancelled(name)}
          onClose={() => setAsked(false)}
        />
      )}
    </>
  )
}
