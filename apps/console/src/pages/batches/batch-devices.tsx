/** Batch devices: what became of each device, by outcome, with what it gave back. */
import { type BatchDevice, JobOutcome } from '@skerry/contract/batches/batch'
import type { BatchId } from '@skerry/contract/values/ids'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Server } from 'lucide-react'
import { useMemo, useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { DeviceLink } from '../../components/facts/device-link.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Select } from '../../components/fields.tsx'
import { Empty, Failure, Loading } from '../../components/page-state.tsx'
import { type Column, DataTable } from '../../components/rows/data-table.tsx'
import { JOB_OUTCOMES, JobBadge } from './batch-marks.tsx'
import { batchQueries } from './batch-queries.ts'
import { batchesTexts as words } from './english-batches.ts'
import { OutputDialog } from './output-dialog.tsx'

/** The table, filtered by outcome in the address. */
export function BatchDevices({ batch }: { batch: BatchId }) {
  const { outcome, sort } = useSearch({ from: '/inside/batches/$batch' })
  const navigate = useNavigate({ from: '/batches/$batch' })
  const [shownOf, setShownOf] = useState<string>()
  const { data, error, refetch } = useQuery({
    ...batchQueries.devices(batch, outcome),
    placeholderData: keepPreviousData,
  })
  const columns = useMemo(() => columnsFor(setShownOf), [])
  const set = (change: { outcome?: JobOutcome | undefined; sort?: string }) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  const select = (
    <Select
      aria-label={words.outcome}
      className="h-7.5 w-40 text-xs"
      value={outcome ?? ''}
      onChange={(event) => set({ outcome: JobOutcome.safeParse(event.target.value).data })}
    >
      <option value="">{words.anyOutcome}</option>
      {JOB_OUTCOMES.map((each) => (
        <option key={each} value={each}>
          {words.outcomes[each]}
        </option>
      ))}
    </Select>
  )
  return (
    <Card title={data ? words.devices(data.length) : words.results} aside={select} isFlush>
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!data && !error && <Loading />}
      {data?.length === 0 && <Empty icon={Server} title={words.noResults} />}
      {data && data.length > 0 && (
        <DataTable
          className="max-h-[60vh]"
          label={words.results}
          rows={data}
          columns={columns}
          rowKey={({ id }) => id}
          sort={sort ?? 'outcome'}
          onSort={(next) => set({ sort: next })}
        />
      )}
      {shownOf !== undefined && <OutputDialog batch={batch} device={shownOf} onClose={() => setShownOf(undefined)} />}
    </Card>
  )
}

const columnsFor = (show: (device: string) => void): readonly Column<BatchDevice>[] => [
  {
    id: 'outcome',
    header: words.resultColumns.outcome,
    width: '7rem',
    sortValue: ({ outcome }) => JOB_OUTCOMES.indexOf(outcome),
    cell: ({ outcome }) => <JobBadge outcome={outcome} />,
  },
  {
    id: 'device',
    header: words.resultColumns.device,
    width: 'minmax(7rem, 1.5fr)',
    sortValue: ({ device }) => device,
    cell: ({ device }) => <DeviceLink device={device} />,
  },
  {
    id: 'site',
    header: words.resultColumns.site,
    width: 'minmax(5rem, 1fr)',
    sortValue: ({ site }) => site,
    cell: ({ site }) => <span className="text-soft">{site}</span>,
  },
  {
    id: 'why',
    header: words.resultColumns.why,
    width: 'minmax(8rem, 2fr)',
    cell: ({ device, outputBytes, code, message }) =>
      outputBytes !== undefined && outputBytes > 0 ? (
        <GuardedButton permission="device.inspect" isSmall onClick={() => show(device)}>
          {words.showOutput}
        </GuardedButton>
      ) : (
        <span className="truncate text-soft" title={message}>
          {code === undefined ? message : `${code}: ${message ?? ''}`}
        </span>
      ),
  },
  {
    id: 'took',
    header: words.resultColumns.took,
    width: '4rem',
    isRight: true,
    sortValue: ({ durationMs = -1 }) => durationMs,
    cell: ({ durationMs }) =>
      durationMs !== undefined && <span className="text-soft tabular">{words.milliseconds(durationMs)}</span>,
  },
  {
    id: 'decided',
    header: words.resultColumns.decided,
    width: '5.5rem',
    isRight: true,
    sortValue: ({ decidedAtMs = 0 }) => -decidedAtMs,
    cell: ({ decidedAtMs }) =>
      decidedAtMs !== undefined && (
        <span className="text-soft">
          <Instant ms={decidedAtMs} />
        </span>
      ),
  },
]
