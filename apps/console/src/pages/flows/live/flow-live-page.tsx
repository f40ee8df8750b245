/**
 * Flow live page: a flow as it runs on one device. It shows the graph with rates and losses, the newest values, and the
 * queues behind the sinks.
 */
import { ProblemError } from '@skerry/client/problem'
import type { FlowLook } from '@skerry/contract/flows/flow-look'
import type { VersionDetail } from '@skerry/contract/models/model'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { Pause, Play, TriangleAlert } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Card, Page } from '../../../components/card.tsx'
import { DeviceLink } from '../../../components/facts/device-link.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { LiveBadge } from '../../../components/facts/live-badge.tsx'
import { Hidden } from '../../../components/hidden.tsx'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { useRefusal } from '../../../hub/permission.ts'
import { queries } from '../../../hub/queries.ts'
import { useIsHidden, useWatch } from '../../../hub/use-watch.ts'
import { detailOf } from '../../../kinds/of-kind.ts'
import { liveTexts } from '../../../texts/english-live.ts'
import { FlowGraphCard } from '../../models/version/flow-graph-card.tsx'
import { flowPageTexts } from '../english-flow-pages.ts'
import { flowLiveTexts as words } from './english-flow-live.ts'
import { FlowStateBadge } from './flow-state-badge.tsx'
import { PartsCard } from './parts-card.tsx'
import { QueuesCard } from './queues-card.tsx'

const back = { to: '/flows', text: flowPageTexts.title } as const

/** Renders the page at /flows/NAME/devices/NAME. */
export function FlowLivePage() {
  const { flow, device } = useParams({ from: '/inside/flows/$flow/devices/$device' })
  const refusal = useRefusal('connection.read', 'flow.watch')
  if (refusal === undefined) return <Watching key={`${flow} ${device}`} flow={flow} device={device} />
  return (
    <Page title={words.title(flow, device)} back={back}>
      <Hidden reason={refusal} />
    </Page>
  )
}

type WatchingProps = { flow: string; device: string }

function Watching({ flow, device }: WatchingProps) {
  const [isPaused, setPaused] = useState(false)
  const isHidden = useIsHidden()
  const open = useCallback((signal: AbortSignal) => hub.flow.watch({ flow, device }, { signal }), [flow, device])
  const { seen, heardAtMs, problem } = useWatch<FlowLook>(open, isPaused || isHidden)
  const version = useVersion(flow, seen)
  return (
    <Page
      title={words.title(flow, device)}
      back={back}
      beside={seen && <FlowStateBadge state={seen.state} />}
      lead={<Lead flow={flow} device={device} seen={seen} />}
      actions={
        <>
          <LiveBadge {...{ heardAtMs, isPaused, isHidden, hint: liveTexts.hint, hasProblem: problem !== undefined }} />
          <Button onClick={() => setPaused(!isPaused)}>
            {isPaused ? <Play size={15} aria-hidden /> : <Pause size={15} aria-hidden />}
            {isPaused ? liveTexts.goOn : liveTexts.pause}
          </Button>
        </>
      }
    >
      {seen && problem && <Notice text={problem.message} />}
      {seen && 'cause' in seen.state && <Notice text={seen.state.cause.message} />}
      {!seen && <Card>{problem ? <Failure error={new ProblemError(problem)} /> : <Loading rows={8} />}</Card>}
      {seen && <Seen device={device} seen={seen} version={version} />}
    </Page>
  )
}

/** The version that runs there, or the newest if the device does not report one. */
function useVersion(flow: string, seen: FlowLook | undefined): VersionDetail | undefined {
  const model = useQuery({ ...queries.model(flow), enabled: seen !== undefined })
  const number = seen?.version ?? model.data?.deployable.latestVersion
  return useQuery({ ...queries.version(flow, String(number)), enabled: number !== undefined }).data
}

type SeenProps = { device: string; seen: FlowLook; version: VersionDetail | undefined }

function Seen({ device, seen, version }: SeenProps) {
  const flow = detailOf('flow', version)?.flow
  // A new object for each look, so that the graph is redrawn only then.
  const parts = useMemo(() => seen.parts, [seen])
  return (
    <>
      {flow && <FlowGraphCard flow={flow} parts={parts} />}
      <QueuesCard device={device} queues={seen.queues} />
      <PartsCard parts={parts} />
    </>
  )
}

function Lead({ flow, device, seen }: WatchingProps & { seen: FlowLook | undefined }) {
  return (
    <>
      <Link to="/flows/$flow" params={{ flow }} className="rounded hover:text-text hover:underline">
        {seen?.version === undefined ? flow : words.facts.version(seen.version)}
      </Link>
      <span aria-hidden>·</span>
      <DeviceLink device={device} />
      {seen?.reachedMs !== undefined && (
        <>
          <span aria-hidden>·</span>
          <span>
            {words.facts.reached} <Instant ms={seen.reachedMs} />
          </span>
        </>
      )}
      {seen && seen.crashes > 0 && <span className="text-warn">{words.facts.crashes(seen.crashes)}</span>}
      {seen && seen.lost > 0 && <span className="text-warn">{words.facts.lost(seen.lost)}</span>}
    </>
  )
}

const Notice = ({ text }: { text: string }) => (
  <p role="status" className="card flex items-start gap-2.5 px-4 py-3 text-sm wrap-anywhere">
    <TriangleAlert size={16} className="mt-0.5 shrink-0 text-warn" aria-hidden />
    {text}
  </p>
)
