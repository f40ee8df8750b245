/** Serving card: the devices that serve a version now, by their latest reports. */
import { kinds } from '@skerry/contract/kinds/kinds'
import type { ServingDevice, VersionDetail } from '@skerry/contract/models/model'
import { isSilent } from '@skerry/core/devices/tense'
import { servingLanguage } from '@skerry/core/language/version-language'
import { summariseServing } from '@skerry/core/models/serving-summary'
import { failedDevices, rejectionsOfVersion } from '@skerry/core/rollouts/views/version-users'
import { runningOnWords } from '@skerry/core/rollouts/views/version-words'
import { useQuery } from '@tanstack/react-query'
import { Server } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Card } from '../../../components/card.tsx'
import { durationText } from '../../../components/charts/amounts.ts'
import { DeviceLink } from '../../../components/facts/device-link.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { Empty, Failure, Loading } from '../../../components/page-state.tsx'
import { type Column, DataTable } from '../../../components/rows/data-table.tsx'
import { RowFilter } from '../../../components/rows/row-filter.tsx'
import { useRowFilter } from '../../../components/rows/use-row-filter.ts'
import { queries } from '../../../hub/queries.ts'
import { kindRow } from '../../../kinds/kinds.ts'
import { texts } from '../../../texts/english.ts'
import { modelTexts } from '../english-models.ts'
import { modelQueries } from '../model-queries.ts'
import { RunningFacts } from '../running/running-facts.tsx'

const words = modelTexts.serving

/** A shorter list needs no filter. */
const FILTER_FROM = 8

export function ServingCard({ version: { name: model, version, kind } }: { version: VersionDetail }) {
  const deployments = useQuery(queries.deployments())
  const isRejected = rejectionsOfVersion(deployments.data ?? [], { name: model, version }).length > 0
  const hasFailed = (deployments.data ?? []).some(
    (each) => each.spec.deployable === model && failedDevices(each, version) > 0,
  )
  const { data, error, refetch } = useQuery(modelQueries.servingDevices(model, String(version)))
  const untried = kindRow(kind).untried ?? (kinds[kind].hasGoldenCases ? words.noneHint : words.untestedHint)
  const failedOrUntried = hasFailed ? words.failedHint : untried
  const hint = isRejected ? words.rejectedHint : failedOrUntried
  return (
    <Card
      title={words.title}
      isFlush
      aside={
        data && (
          <span className="text-xs text-soft tabular">{runningOnWords(servingCount(data), texts.common.number)}</span>
        )
      }
    >
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!data && !error && <Loading />}
      {data?.length === 0 && (
        <p className="p-4 text-sm text-soft">
          {words.none} {hint}
        </p>
      )}
      {data && data.length > 0 && <Devices devices={data} />}
    </Card>
  )
}

const servingCount = (devices: readonly ServingDevice[]) => ({
  devices: devices.length,
  silent: devices.filter(({ liveness }) => isSilent(liveness)).length,
})

function Devices({ devices }: { devices: readonly ServingDevice[] }) {
  const [filter, setFilter] = useState<string>()
  const [sort, setSort] = useState('name')
  const { shown = [], problem } = useRowFilter(devices, filter, servingLanguage)
  const summary = useMemo(() => summariseServing(devices), [devices])
  return (
    <>
      <div className="border-b border-line">
        <RunningFacts summary={summary} />
      </div>
      {devices.length >= FILTER_FROM && (
        <div className="border-b border-line p-3">
          <RowFilter
            label={words.filter}
            language={servingLanguage}
            value={filter ?? ''}
            onChange={setFilter}
            problem={problem}
          />
        </div>
      )}
      {shown.length === 0 ? (
        <Empty icon={Server} title={words.noMatch} />
      ) : (
        <DataTable
          label={words.title}
          className="max-h-80"
          rows={shown}
          columns={columns}
          rowKey={({ id }) => id}
          sort={sort}
          onSort={setSort}
        />
      )}
    </>
  )
}

const latencyColumn = (
  id: 'p50' | 'p99',
  of: (device: ServingDevice) => number | undefined,
): Column<ServingDevice> => ({
  id,
  header: words.columns[id],
  width: '4.25rem',
  isRight: true,
  sortValue: (device) => of(device) ?? 0,
  cell: (device) => durationText(of(device)),
})

const columns: readonly Column<ServingDevice>[] = [
  {
    id: 'name',
    header: words.columns.name,
    width: 'minmax(7.5rem, 2fr)',
    sortValue: ({ name }) => name,
    cell: ({ name, build }) => (
      <>
        <DeviceLink device={name} />
        {build !== undefined && <span className="ml-2 text-xs text-soft">{build}</span>}
      </>
    ),
  },
  {
    id: 'site',
    header: words.columns.site,
    width: 'minmax(5rem, 1fr)',
    sortValue: ({ site }) => site,
    cell: ({ site }) => site,
  },
  {
    id: 'heard',
    header: words.columns.heard,
    width: '4.5rem',
    sortValue: ({ liveness }) => liveness,
    cell: ({ liveness }) => (
      <span className={liveness === 'online' ? 'text-good' : 'text-soft'}>{words.liveness[liveness]}</span>
    ),
  },
  {
    id: 'since',
    header: words.columns.since,
    width: '4.75rem',
    sortValue: ({ sinceMs }) => -sinceMs,
    cell: ({ sinceMs }) => (
      <span className="text-soft">
        <Instant ms={sinceMs} />
      </span>
    ),
  },
  {
    id: 'requests',
    header: words.columns.requests,
    width: '5rem',
    isRight: true,
    sortValue: ({ stats }) => stats?.requests ?? 0,
    cell: ({ stats }) => texts.common.number(stats?.requests ?? 0),
  },
  {
    id: 'errors',
    header: words.columns.errors,
    width: '3.75rem',
    isRight: true,
    sortValue: ({ stats }) => stats?.failures ?? 0,
    cell: ({ stats }) => (
      <span className={stats && stats.failures > 0 ? 'text-bad' : 'text-soft'}>
        {texts.common.number(stats?.failures ?? 0)}
      </span>
    ),
  },
  latencyColumn('p50', ({ stats }) => stats?.p50Us),
  latencyColumn('p99', ({ stats }) => stats?.p99Us),
]
