/**
 * Test result: a device's report on a test of a source. Each tag has its value, its quality, its times, and the cause
 * if it is bad.
 */
import { TAGS_READ_MAX } from '@skerry/contract/devices/device-command'
import { tagRowsOf } from '@skerry/core/tags/tag-rows'
import { TriangleAlert } from 'lucide-react'
import { useMemo, useState } from 'react'
import { DeviceLink } from '../../../components/facts/device-link.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { type Column, DataTable, type Sort } from '../../../components/rows/data-table.tsx'
import { valueColumns } from '../live/live-columns.tsx'
import { afterAnswer, type LiveRow, liveRows } from '../live/live-rows.ts'
import { SourceBadge } from '../source-marks.tsx'
import { equipmentTexts } from './english-equipment.ts'
import { triedRows } from './test-tags.ts'
import { TrialFailed, TrialNote, TrialRunning } from './trial-state.tsx'
import type { SourceTrial, TestWish } from './use-test-read.ts'

const words = equipmentTexts.test

type ResultProps = {
  trial: SourceTrial
  /** The test that the button would start now. Results of a different test are old. */
  wish: TestWish | undefined
  onCancel: () => void
}

export function TestResult({ trial, wish, onCancel }: ResultProps) {
  switch (trial.kind) {
    case 'none':
      return null
    case 'cancelled':
      return <TrialNote text={words.cancelled} />
    case 'running':
      return (
        <TrialRunning
          text={words.running(trial.wish.device, trial.wish.waitMs / 1_000)}
          sinceMs={trial.sinceMs}
          onCancel={onCancel}
        />
      )
    case 'failed':
      return <TrialFailed problem={trial.problem} />
    case 'read':
      return <Read read={trial} wish={wish} />
  }
}

type ReadProps = { read: Extract<SourceTrial, { kind: 'read' }>; wish: TestWish | undefined }

function Read({ read: { wish: tried, found, heardAtMs }, wish }: ReadProps) {
  const { readings, atMs, state, cause, silentCount, omittedCount } = found
  const [sort, setSort] = useState<Sort>()
  const rows = useMemo(() => {
    const known = afterAnswer(new Map(), { tags: undefined, readings, atMs, heardAtMs })
    return liveRows(triedRows(tagRowsOf(tried.spec), tried.tags), known)
  }, [tried, readings, atMs, heardAtMs])
  const isOld = useMemo(() => JSON.stringify(wish) !== JSON.stringify(tried), [wish, tried])
  const left = omittedCount + tried.leftCount
  const bad = readings.filter(({ value }) => value.quality === 'bad').length
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <div role="status" className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        <SourceBadge state={state} />
        <span>{words.summary({ read: readings.length, bad, silent: silentCount, waitMs: tried.waitMs })}</span>
        <span className="inline-flex items-center gap-1.5 text-soft">
          <Instant ms={atMs} isAbsolute /> {words.on} <DeviceLink device={tried.device} />
        </span>
        {cause && <p className="w-full wrap-anywhere text-bad">{`${cause.code}: ${cause.message}`}</p>}
        {left > 0 && <p className="w-full text-soft">{words.omitted(left, TAGS_READ_MAX)}</p>}
        {isOld && (
          <p className="flex w-full items-start gap-2">
            <TriangleAlert size={16} className="mt-0.5 shrink-0 text-warn" aria-hidden />
            {words.old}
          </p>
        )}
      </div>
      <DataTable
        label={words.title}
        className="max-h-96 rounded-md border border-line"
        rows={rows}
        columns={columns}
        rowKey={({ name }) => name}
        sort={sort}
        onSort={setSort}
      />
    </div>
  )
}

const columns: readonly Column<LiveRow>[] = [
  ...valueColumns,
  {
    id: 'why',
    header: words.why,
    width: 'minmax(8rem, 1fr)',
    rank: 4,
    isRight: true,
    cell: ({ heard }) => {
      const value = heard?.reading.value
      return value && value.quality !== 'good' && <span className="font-mono text-xs">{value.cause.code}</span>
    },
  },
]
