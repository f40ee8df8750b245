/** Batch: its command and its devices, the people who handled it, and the outcome of each device, live. */
import type { BatchDetail, BatchHand } from '@skerry/contract/batches/batch'
import type { BenchCommand } from '@skerry/contract/builds/bench-command'
import type { CalibrateCommand } from '@skerry/contract/builds/device-ranges'
import { shownFields } from '@skerry/core/batches/command-fields'
import { rateText } from '@skerry/core/deployments/pace-text'
import { durationText } from '@skerry/core/values/duration'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Card, Facts, Page } from '../../components/card.tsx'
import { Copyable } from '../../components/facts/copyable.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { PathLink } from '../../components/rows/path-link.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { BatchActions } from './batch-actions.tsx'
import { BatchDevices } from './batch-devices.tsx'
import { BatchBadge, JobBar, jobsText } from './batch-marks.tsx'
import { batchQueries } from './batch-queries.ts'
import { batchesTexts as words } from './english-batches.ts'

const back = { to: '/batches', text: words.back } as const

/** Renders the page at /batches/ID. */
export function BatchPage() {
  const { batch: id } = useParams({ from: '/inside/batches/$batch' })
  const { data, error, refetch } = useQuery(batchQueries.one(id))
  if (!data)
    return (
      <Page title={words.title} back={back}>
        <WaitingCard error={error} retry={refetch} />
      </Page>
    )
  return (
    <Page
      title={words.commands[data.command.kind].name}
      back={back}
      beside={<BatchBadge status={data.status} />}
      lead={words.commands[data.command.kind].does}
      actions={<BatchActions batch={data} />}
    >
      <div className="card flex flex-col gap-2 px-4 py-3">
        <p className="text-sm">{jobsText(data.counts)}</p>
        <JobBar counts={data.counts} className="h-2" />
      </div>
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,2fr)_minmax(20rem,1fr)]">
        <BatchDevices batch={data.id} />
        <div className="flex min-w-0 flex-col gap-4">
          <FactsCard batch={data} />
          {data.problems.length > 0 && <ProblemsCard batch={data} />}
        </div>
      </div>
    </Page>
  )
}

function FactsCard({ batch }: { batch: BatchDetail }) {
  const { command, selector, reason, rate, startAtMs, expiresAtMs, timeoutSeconds, attempt } = batch
  const rows: (readonly [string, ReactNode])[] = [
    [
      words.factNames.where,
      <code key="where" className="font-mono text-xs">
        {selector}
      </code>,
    ],
    ...Object.entries(shownFields(command)).map(
      ([name, value]) => [name, <Parameter key={name} value={value} />] as const,
    ),
    ...(command.kind === 'bench-model'
      ? [[words.factNames.results, <MeasurementsLink key="results" command={command} />] as const]
      : []),
    ...(command.kind === 'calibrate-model'
      ? [[words.factNames.results, <RangesLink key="results" command={command} batch={batch.id} />] as const]
      : []),
    ...(reason === undefined ? [] : [[words.factNames.reason, reason] as const]),
    ...(rate === undefined ? [] : [[words.factNames.rate, rateText(rate)] as const]),
    [words.factNames.starts, <Instant key="starts" ms={startAtMs} />],
    [words.factNames.expires, <Instant key="expires" ms={expiresAtMs} />],
    [words.factNames.timeout, durationText(timeoutSeconds)],
    ...(attempt > 1 ? [[words.factNames.attempt, String(attempt)] as const] : []),
    ...handsOf(batch),
    [words.factNames.id, <Copyable key="id" value={batch.id} what={words.factNames.id} />],
  ]
  return (
    <Card title={words.facts}>
      <Facts rows={rows} />
    </Card>
  )
}

/** Digests and other long values are folded. */
function Parameter({ value }: { value: unknown }) {
  const text = typeof value === 'object' ? JSON.stringify(value, null, 1) : String(value)
  const code = <code className="font-mono text-xs whitespace-pre-wrap">{text}</code>
  if (text.length <= PARAMETER_LENGTH) return code
  return (
    <details className="min-w-0">
      <summary className="cursor-pointer rounded">{words.entries(Array.isArray(value) ? value.length : 1)}</summary>
      {code}
    </details>
  )
}

/** Some lines of the card. */
const PARAMETER_LENGTH = 300

const MeasurementsLink = ({ command: { name: model, version } }: { command: BenchCommand }) => (
  <Link
    to="/models/$model/versions/$version/builds"
    params={{ model, version: String(version) }}
    className="rounded text-accent underline underline-offset-4"
  >
    {words.measurementsOf(`${model}:${version}`)}
  </Link>
)

/** To the wizard, which takes the ranges of this batch. */
const RangesLink = ({ command, batch }: { command: CalibrateCommand; batch: string }) => (
  <PathLink
    path={`/models/${command.name}/versions/${command.version}/optimise?ranges=${batch}`}
    className="rounded text-accent underline underline-offset-4"
  >
    {words.optimiseWith(`${command.name}:${command.version}`)}
  </PathLink>
)

/** The people who created, signed, sent and cancelled it. */
function handsOf({ created, signed, sent, cancelled }: BatchDetail): (readonly [string, ReactNode])[] {
  const hands: readonly (readonly [string, BatchHand | undefined])[] = [
    [words.factNames.created, created],
    [words.factNames.signed, signed],
    [words.factNames.sent, sent],
    [words.factNames.cancelled, cancelled],
  ]
  return hands.flatMap(([name, hand]) =>
    hand
      ? [
          [
            name,
            <span key={name}>
              {words.by(hand.name)}
              <Instant ms={hand.atMs} />
            </span>,
          ] as const,
        ]
      : [],
  )
}

const ProblemsCard = ({ batch: { problems } }: { batch: BatchDetail }) => (
  <Card title={words.problems} isFlush>
    <PlainTable
      label={words.problems}
      headers={[words.problemColumns.code, words.problemColumns.devices]}
      rows={problems.map(({ code, count }) => ({
        key: code,
        cells: [
          <code key="code" className="font-mono text-xs">
            {code}
          </code>,
          words.number(count),
        ],
      }))}
    />
  </Card>
)
