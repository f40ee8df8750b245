/**
 * Test result: a device's report on a test of a source. Each tag has its value, its quality, its times, and the cause
 * if it is bad.
 */
import { ProblemError } from '@skerry/client/problem'
import { TAGS_READ_MAX } from '@skerry/contract/devices/device-command'
import { tagRowsOf } from '@skerry/core/tags/tag-rows'
import { Link } from '@tanstack/react-router'
import { TriangleAlert } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { DeviceLink } from '../../../components/facts/device-link.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { Failure } from '../../../components/page-state.tsx'
import { type Column, DataTable, type Sort } from '../../../components/rows/data-table.tsx'
import { BUTTON_LINK } from '../../models/button-link.ts'
import { valueColumns } from '../live/live-columns.tsx'
import { afterAnswer, type LiveRow, liveRows } from '../live/live-rows.ts'
import { SourceBadge } from '../source-marks.tsx'
import { equipmentTexts } from './english-equipment.ts'
import { triedRows } from './test-tags.ts'
import type { TestWish, Trial } from './use-test-read.ts'

const words = equipmentTexts.test

type ResultProps = {
  trial: Trial
  /** The test that the button would start now. Results of a different test are old. */
  wish: TestWish | undefined
  onCancel: () => void
}

export function TestResult({ trial, wish, onCancel }: ResultProps) {
  switch (trial.kind) {
    case 'none':
      return null
    case 'cancelled':
      return (
        <p role="status" className="text-sm text-soft">
          {words.cancelled}
        </p>
      )
    case 'running':
      return <Running {...trial} onCancel={onCancel} />
    case 'failed':
      return <Failed problem={trial.problem} />
    case 'read':
      return <Read read={trial} wish={wish} />
  }
}

type RunningProps = { wish: TestWish; sinceMs: number; onCancel: () => void }

function Running({ wish: { device, waitMs }, sinceMs, onCancel }: RunningProps) {
  return (
    <div className="flex flex-wrap items-center gap-3 text-sm">
      <p role="status" className="min-w-0 wrap-anywhere">
        {words.running(device, waitMs / 1_000)}
      </p>
      <Waited sinceMs={sinceMs} />
      <Button isSmall onClick={onCancel}>
        {words.cancel}
      </Button>
    </div>
  )
}

/** The seconds are outside of the live region, because a screen reader should not announce each one. */
function Waited({ sinceMs }: { sinceMs: number }) {
  const [nowMs, setNowMs] = useState(sinceMs)
  useEffect(() => {
    const timer = window.setInterval(() => setNowMs(Date.now()), 1_000)
    return () => window.clearInterval(timer)
  }, [])
  return <span className="text-soft tabular">{words.waited(Math.floor((nowMs - sinceMs) / 1_000))}</span>
}

type FailedProps = { problem: Extract<Trial, { kind: 'failed' }>['problem'] }

/** A test that needs a second person starts again by the same button, after somebody has approved it. */
function Failed({ problem }: FailedProps) {
  return (
    <div className="flex flex-col items-center">
      <Failure error={new ProblemError(problem)} />
      {problem.code === 'approval_needed' && (
        <Link to="/approvals" search={{}} className={BUTTON_LINK.plain}>
          {words.approvals}
        </Link>
      )}
    </div>
  )
}

type ReadProps = { read: Extract<Trial, { kind: 'read' }>; wish: TestWish | undefined }

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
