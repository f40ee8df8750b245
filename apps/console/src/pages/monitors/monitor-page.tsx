/** Monitor: the verdict on each version of a model, feature by feature, over time. */
import type { Monitor, VersionVerdict } from '@skerry/contract/monitors/monitor'
import { sourceIn } from '@skerry/contract/monitors/subject'
import { versionNoun } from '@skerry/core/monitors/explain'
import { changesText } from '@skerry/core/monitors/feature-changes'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Card, Page } from '../../components/card.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { WithCommands } from '../../components/facts/alert-marks.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Failure } from '../../components/page-state.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { toast } from '../../components/toasts.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { hub } from '../../hub/hub-client.ts'
import { TrafficCard } from '../traffic/traffic-card.tsx'
import { EarlierCard } from './earlier-card.tsx'
import { monitorsTexts as words } from './english-monitors.ts'
import { FeatureTable } from './feature-table.tsx'
import { HeatMap } from './heat-map.tsx'
import { MonitorBadge } from './monitor-badge.tsx'
import { MonitorDialog } from './monitor-dialog.tsx'
import { MonitorPerformance } from './monitor-performance.tsx'
import { monitorQueries } from './monitor-queries.ts'
import { MuteButton, RestraintsCard } from './restraints.tsx'
import { RulesCard } from './rules-card.tsx'

const back = { to: '/monitors', text: words.back } as const

/** Renders the page at /monitors/NAME. */
export function MonitorPage() {
  const { model } = useParams({ from: '/inside/monitors/$model' })
  const { data, error, refetch } = useQuery(monitorQueries.one(model))
  if (!data)
    return (
      <Page title={model} back={back}>
        <WaitingCard error={error} retry={refetch} />
      </Page>
    )
  const { state, sinceMs, versions, acts } = data
  return (
    <Page
      title={model}
      back={back}
      beside={<MonitorBadge state={state} />}
      lead={
        sinceMs !== undefined && (
          <span>
            {words.since} <Instant ms={sinceMs} />
          </span>
        )
      }
      actions={<Actions monitor={data} />}
    >
      <SourceLink subject={model} />
      {versions.length === 0 && <Card>{words.none}</Card>}
      {versions.map((version) => (
        <VersionCard key={version.version} monitor={data} verdict={version} />
      ))}
      <EarlierCard monitor={data} />
      <MonitorPerformance model={model} />
      {sourceIn(model) === undefined && <TrafficCard model={model} />}
      <div className="grid items-start gap-4 xl:grid-cols-2">
        <RestraintsCard monitor={data} />
        <RulesCard monitor={data} />
        {acts.length > 0 && <ActsCard acts={acts} />}
      </div>
    </Page>
  )
}

/** Of a source, its own page has its equipment and its newest values. */
function SourceLink({ subject }: { subject: string }) {
  const source = sourceIn(subject)
  if (source === undefined) return null
  return (
    <Link to="/sources" search={{ q: source }} className="text-sm text-accent hover:underline">
      {words.toSource(source)}
    </Link>
  )
}

function VersionTitle({ model, version }: { model: string; version: number }) {
  if (sourceIn(model) !== undefined) return words.reference(version)
  return (
    <Link
      to="/models/$model/versions/$version"
      params={{ model, version: String(version) }}
      className="hover:underline"
    >
      {words.version(version)}
    </Link>
  )
}

function VersionCard({ monitor, verdict }: { monitor: Monitor; verdict: VersionVerdict }) {
  const { model } = monitor.spec
  const { version, state, rows, windows, uncounted, estimated, estimatedError, changes } = verdict
  // A source is counted before it has a reference.
  const hasFeatures = state !== 'quiet' && (state !== 'unprofiled' || rows > 0)
  return (
    <Card
      title={<VersionTitle model={model} version={version} />}
      aside={<MonitorBadge state={state} isPlain />}
      isFlush={hasFeatures}
    >
      {state === 'unprofiled' && <Unprofiled model={model} version={version} />}
      {state === 'quiet' && <p className="text-sm text-soft">{words.quiet}</p>}
      {hasFeatures && (
        <>
          {estimated && estimated.state !== 'waiting' && (
            <p className="flex items-center gap-2 border-b border-line px-4 py-2.5 text-sm tabular">
              <MonitorBadge state={estimated.state} isPlain />
              {words.estimated(estimated.accuracy, estimated.reference)}
            </p>
          )}
          {estimatedError && estimatedError.state !== 'waiting' && (
            <p className="flex items-center gap-2 border-b border-line px-4 py-2.5 text-sm tabular">
              <MonitorBadge state={estimatedError.state} isPlain />
              {words.estimatedError(estimatedError.mae, estimatedError.reference)}
            </p>
          )}
          {changes && (
            <p className="border-b border-line px-4 py-2.5 text-sm">
              {changesText(version, changes, versionNoun(model))}
            </p>
          )}
          <FeatureTable monitor={monitor} verdict={verdict} />
          {verdict.cohorts && <HeatMap verdict={verdict} />}
          <p className="border-t border-line px-4 py-2.5 text-xs text-soft tabular">
            {words.rows(rows, windows)}
            {uncounted > 0 && `; ${words.uncounted(uncounted)}`}
          </p>
        </>
      )}
    </Card>
  )
}

/** The golden cases of a version, or the values of a source in the last week, are often enough for a first profile. */
function Unprofiled({ model, version }: { model: string; version: number }) {
  const client = useQueryClient()
  const [problem, setProblem] = useState<unknown>()
  const isSource = sourceIn(model) !== undefined
  const make = async () => {
    try {
      if (isSource) await hub.monitor.baseline({ name: model, days: 7 })
      else await hub.profile.make({ name: model, version: String(version) })
      toast('good', isSource ? words.sourceBaselineMade : words.baselineMade(version))
      await client.invalidateQueries({ queryKey: monitorQueries.one(model).queryKey })
    } catch (error) {
      setProblem(error)
    }
  }
  return (
    <div className={isSource ? 'flex flex-col items-start gap-3 p-4' : 'flex flex-col items-start gap-3'}>
      <p className="max-w-prose text-sm text-soft">
        <WithCommands text={isSource ? words.unprofiledSource(model) : words.unprofiled(model, version)} />
      </p>
      <GuardedButton permission="model.write" onClick={() => void make()}>
        {isSource ? words.sourceBaseline : words.baseline}
      </GuardedButton>
      {problem !== undefined && <Failure error={problem} />}
    </div>
  )
}

function ActsCard({ acts }: Pick<Monitor, 'acts'>) {
  const { at, version, outcome, what } = words.actColumns
  return (
    <Card title={words.acts} isFlush>
      <PlainTable
        label={words.acts}
        headers={[at, version, outcome, what]}
        rows={acts.map((act) => ({
          key: `${act.atMs} ${act.action}`,
          cells: [
            <Instant key="at" ms={act.atMs} />,
            act.version,
            words.outcomes[act.outcome],
            <span key="what" className="text-soft">
              {act.message}
            </span>,
          ],
        }))}
      />
    </Card>
  )
}

function Actions({ monitor }: { monitor: Monitor }) {
  const { spec } = monitor
  const [asked, setAsked] = useState<'change' | 'remove'>()
  const navigate = useNavigate()
  const client = useQueryClient()
  const close = () => setAsked(undefined)
  const remove = async () => {
    await hub.monitor.remove({ name: spec.model })
    await navigate({ to: '/monitors' })
    await client.invalidateQueries({ queryKey: monitorQueries.list().queryKey, exact: true })
  }
  return (
    <>
      <MuteButton monitor={monitor} />
      <GuardedButton permission="model.write" onClick={() => setAsked('change')}>
        {words.change}
      </GuardedButton>
      <GuardedButton permission="model.write" look="danger" onClick={() => setAsked('remove')}>
        {words.remove}
      </GuardedButton>
      {asked === 'change' && <MonitorDialog spec={spec} onClose={close} />}
      {asked === 'remove' && (
        <Confirmation
          title={words.removeTitle(spec.model)}
          lead={words.removeLead}
          verb={words.remove}
          isDanger
          run={remove}
          done={words.removed(spec.model)}
          onClose={close}
        />
      )}
    </>
  )
}
