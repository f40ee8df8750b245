/** Learning fleet: one order by which each of several machines learns, with the state of each machine. */
import { isLearningOver } from '@skerry/contract/learning/learning'
import type {
  JointDetector,
  LearningFleet,
  LearningFleetMember,
  LeftOutDevice,
} from '@skerry/contract/learning/learning-fleet'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { Card, Page } from '../../../components/card.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { WaitingCard } from '../../../components/waiting-card.tsx'
import { learningTexts } from '../english-learning.ts'
import { LearningBadge } from '../learning-badge.tsx'
import { learningQueries } from '../learning-queries.ts'
import { FleetActions } from './fleet-actions.tsx'

const words = learningTexts.fleet

const back = { to: '/learning', text: learningTexts.back } as const

/** Renders the page at /learning/fleets/NAME. */
export function LearningFleetPage() {
  const { name } = useParams({ from: '/inside/learning/fleets/$name' })
  const { data: fleet, error, refetch } = useQuery(learningQueries.fleet(name))
  if (!fleet)
    return (
      <Page title={name} back={back}>
        <WaitingCard error={error} retry={refetch} />
      </Page>
    )
  const { spec, members = [], leftOut, joint } = fleet
  return (
    <Page
      title={name}
      back={back}
      lead={(joint ? words.togetherLead : words.lead)(spec.source, spec.tags, spec.selector)}
      actions={<FleetActions name={name} isLive={isLive(fleet)} />}
    >
      {joint && <JointCard name={spec.name} joint={joint} />}
      <MembersCard members={members} />
      {leftOut.length > 0 && <LeftOutCard leftOut={leftOut} />}
    </Page>
  )
}

const isLive = ({ members = [] }: LearningFleet) => members.some(({ phase }) => !isLearningOver(phase))

const JointCard = ({
  name,
  joint: { devices, rows, modelVersion, reason },
}: {
  name: string
  joint: JointDetector
}) => (
  <Card title={words.joint}>
    <div className="flex flex-col gap-1 text-sm">
      {modelVersion !== undefined && (
        <Link
          to="/models/$model/versions/$version"
          params={{ model: name, version: String(modelVersion) }}
          className="rounded font-medium hover:text-accent hover:underline"
        >
          {words.jointVersion(name, modelVersion)}
        </Link>
      )}
      {devices !== undefined && <p className="text-soft">{words.jointOf(devices, rows ?? 0)}</p>}
      {devices === undefined && reason === undefined && (
        <>
          <p>{words.jointWaits}</p>
          <p className="text-soft">{words.jointLate}</p>
        </>
      )}
      {reason !== undefined && <p className="wrap-anywhere">{reason}</p>}
    </div>
  </Card>
)

const MembersCard = ({ members }: { members: readonly LearningFleetMember[] }) => (
  <Card title={words.members} isFlush>
    <PlainTable
      label={words.members}
      headers={Object.values(words.columns)}
      wideOnly={[words.columns.auc, words.columns.alarms]}
      rows={members.map((member) => ({
        key: member.device,
        cells: [
          <Link
            key="device"
            to="/learning/$name"
            params={{ name: member.learning }}
            className="rounded font-medium hover:text-accent hover:underline"
          >
            {member.device}
          </Link>,
          <span key="state">
            <LearningBadge phase={member.phase} isPlain />
            {member.reason !== undefined && (
              <span className="block max-w-xl text-xs wrap-anywhere text-soft">{member.reason}</span>
            )}
          </span>,
          learningTexts.rows(member.rows, member.rowsWanted),
          member.auc?.toFixed(3) ?? '',
          member.shadowAlarms ?? '',
          words.detector(member.modelVersion, member.isDeployed),
        ],
      }))}
    />
  </Card>
)

const LeftOutCard = ({ leftOut }: { leftOut: readonly LeftOutDevice[] }) => (
  <Card title={words.leftOut} isFlush>
    <p className="px-4 pb-2 text-sm text-soft">{words.leftOutHint}</p>
    <PlainTable
      label={words.leftOut}
      headers={Object.values(words.leftOutColumns)}
      rows={leftOut.map(({ device, reason }) => ({ key: device, cells: [device, reason] }))}
    />
  </Card>
)
