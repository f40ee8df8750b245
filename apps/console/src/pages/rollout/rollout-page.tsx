/** Rollout: its waves as lanes, with a live cell for each device, and the actions of a person on it. */
import type { Rollout } from '@skerry/contract/rollouts/rollout'
import { unnamedFailures } from '@skerry/core/deployments/rollout-failures'
import { awaitsApproval, isEnded } from '@skerry/core/rollouts/rollout-state'
import type { ShownDevice } from '@skerry/core/rollouts/views/outcome-words'
import { isPlannedPause, pauseWords } from '@skerry/core/rollouts/views/pause-words'
import { silentWords } from '@skerry/core/rollouts/views/silent-words'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { Info } from 'lucide-react'
import { useDeferredValue, useMemo } from 'react'
import { Card, Page } from '../../components/card.tsx'
import { RolloutBadge } from '../../components/facts/badge.tsx'
import { Copyable } from '../../components/facts/copyable.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { RolloutFailures } from '../../components/facts/rollout-failures.tsx'
import { VersionFacts } from '../../components/facts/version-facts.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { texts } from '../../texts/english.ts'
import { rollbackTexts } from '../deployments/rollback/english-rollback.ts'
import { devicePageTexts } from '../device/english-device-page.ts'
import { rolloutPageTexts, rolloutTexts as words } from './english-rollout.ts'
import { Happenings } from './happenings.tsx'
import { RolloutActions } from './rollout-actions.tsx'
import { RolloutDevices } from './rollout-devices.tsx'
import { shownDevices } from './rollout-members.ts'
import { rolloutQueries } from './rollout-queries.ts'
import { useRolloutStream } from './rollout-stream.ts'
import { LaterLane, WaveLane } from './wave-lane.tsx'

const back = { to: '/rollouts', text: words.back } as const

/** Renders the page at /rollouts/ID. */
export function RolloutPage() {
  const { rollout: id } = useParams({ from: '/inside/rollouts/$rollout' })
  const { data, error, refetch } = useQuery(rolloutQueries.one(id))
  useRolloutStream(id, data !== undefined && !isEnded(data))
  if (error)
    return (
      <Page title={texts.rollouts.title} back={back}>
        <Card>
          <Failure error={error} onRetry={() => void refetch()} />
        </Card>
      </Page>
    )
  if (!data)
    return (
      <Page title={texts.rollouts.title} back={back}>
        <Card>
          <Loading rows={8} />
        </Card>
      </Page>
    )
  return <RolloutView rollout={data} />
}

function RolloutView({ rollout }: { rollout: Rollout }) {
  const { data, error } = useQuery(rolloutQueries.members(rollout.id))
  // Each change redraws the maps and the table. The person's own actions have priority over that.
  const rows = useDeferredValue(data?.rows)
  const { status, waves } = rollout
  const devices = useMemo(() => rows && shownDevices({ status }, rows, waves.length), [rows, status, waves.length])
  const lanes = useMemo(() => lanesOf(devices ?? [], waves.length), [devices, waves.length])
  return (
    <Page
      title={`${rollout.deployment}, ${texts.rollouts.revision(rollout.revision)}`}
      back={back}
      beside={<RolloutBadge status={rollout.status} pausedBy={rollout.pausedBy} />}
      lead={<Lead rollout={rollout} />}
      actions={<RolloutActions rollout={rollout} />}
    >
      <PauseNote rollout={rollout} />
      <ReasonNote rollout={rollout} />
      <RolloutFailures {...rollout} more={unnamedFailures(rollout)} />
      {rollout.silent && <Note>{words.silent(silentWords(rollout.silent, texts.common.number))}</Note>}
      {awaitsApproval(rollout) && <Note>{words.awaitsApproval(rollout.waves[rollout.wave + 1]?.name ?? '')}</Note>}
      <VersionFacts {...rollout} />
      <Card
        title={words.waves}
        aside={<span className="text-xs text-soft">{rolloutPageTexts.rolloutPage.onFailure[rollout.onFailure]}</span>}
        isFlush
      >
        <ol className="divide-y divide-line">
          {rollout.waves.map((wave, index) => (
            <WaveLane key={wave.name} wave={wave} index={index} rollout={rollout} devices={lanes[index] ?? []} />
          ))}
          {rollout.joinedLater && (
            <LaterLane rollout={rollout} counts={rollout.joinedLater} devices={lanes[waves.length] ?? []} />
          )}
        </ol>
      </Card>
      <Happenings rollout={rollout.id} />
      <RolloutDevices rollout={rollout} devices={devices} error={error} />
    </Page>
  )
}

const Note = ({ children }: { children: string }) => (
  <p className="card flex items-center gap-2.5 px-4 py-3 text-sm wrap-anywhere">
    <Info size={16} className="shrink-0 text-soft" aria-hidden />
    {children}
  </p>
)

/** The reason of a gate has the counts of its time, and the page has those of now. */
function ReasonNote({ rollout }: { rollout: Rollout }) {
  const { reason, status, pausedBy } = rollout
  if (reason === undefined || isPlannedPause(rollout)) return null
  return <Note>{status === 'paused' && pausedBy === 'gate' ? words.atPause(reason) : reason}</Note>
}

/** Nothing for a pause of a gate: its reason and its devices are shown. */
function PauseNote({ rollout }: { rollout: Rollout }) {
  const said = pauseWords(rollout)
  return said === undefined ? null : <Note>{words.pauseNote(said)}</Note>
}

/** The devices of each wave, in one pass. The last lane has the devices that joined later, and are in no wave. */
function lanesOf(devices: readonly ShownDevice[], waves: number): ShownDevice[][] {
  const lanes: ShownDevice[][] = Array.from({ length: waves + 1 }, () => [])
  for (const device of devices) lanes[Math.min(device.wave, waves)]?.push(device)
  return lanes
}

function Lead({ rollout }: { rollout: Rollout }) {
  const { deployable: model, version, id, createdAtMs, changedAtMs, rollbackTo } = rollout
  return (
    <>
      <Link
        to="/models/$model/versions/$version"
        params={{ model, version: String(version) }}
        className="rounded font-medium text-accent hover:underline"
      >
        {texts.rollouts.to(model, version)}
      </Link>
      <span aria-hidden>·</span>
      <span>
        {words.began} <Instant ms={createdAtMs} />, {words.changed} <Instant ms={changedAtMs} />
      </span>
      {rollbackTo !== undefined && (
        <>
          <span aria-hidden>·</span>
          <span>{rollbackTexts.rollbackTo(rollbackTo)}</span>
        </>
      )}
      <span aria-hidden>·</span>
      <Copyable value={id} what={devicePageTexts.id} />
    </>
  )
}
