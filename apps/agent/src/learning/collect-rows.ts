/**
 * Collect rows: appends one row of the learned tags at each moment, until the device has as many as it needs. After a
 * restart it goes on with the rows on the disk. Rows stay on the device.
 */
import { open } from 'node:fs/promises'
import { TAGS_READ_MAX, TagReading } from '@skerry/contract/devices/device-command'
import type { LearningSpec } from '@skerry/contract/learning/learning'
import { nextRowMs, rowOf } from '@skerry/core/learning/row'
import { countRows, encodeRow, rowBytes } from '@skerry/inference/learn/recorded-rows'
import type { Clock } from '@skerry/platform/process/clock'
import * as z from 'zod'
import type { RunnerSources } from '../runner/runner-supervisor.ts'

export type CollectDeps = {
  runner: Pick<RunnerSources, 'askSources'>
  clock: Pick<Clock, 'nowMs' | 'sleep'>
}

export type Collecting = {
  spec: Pick<LearningSpec, 'source' | 'tags' | 'everyMs'>
  /** It ends with so many rows in the file, if no more are needed. */
  wanted: number
  rowsPath: string
  /** Called with the rows on the disk, and why no row came. */
  onRow(rows: number, problem: string | undefined): void
  /** Called with each new row, before `onRow`. */
  onValues?(values: readonly number[], timeMs: number): void
  /** Whether it goes on although it has the wanted rows. */
  needsMore?(rows: number): boolean
}

/** The last row may be lost in a power cut, but not more than the rows of this time. */
const SYNC_MS = 10_000

const Said = z.object({ readings: z.array(TagReading).max(TAGS_READ_MAX) })

/** Rejects only by the signal, or if the disk fails. */
export async function collectRows(deps: CollectDeps, it: Collecting, signal: AbortSignal): Promise<void> {
  const { spec, wanted } = it
  const { tags, everyMs } = spec
  let rows = await countRows(it.rowsPath, tags.length)
  it.onRow(rows, undefined)
  await using file = await open(it.rowsPath, 'a', 0o600)
  // A row that a power cut tore would shift all later ones.
  await file.truncate(rows * rowBytes(tags.length))
  let syncedMs = deps.clock.nowMs()
  while (rows < wanted || it.needsMore?.(rows) === true) {
    const nowMs = deps.clock.nowMs()
    await deps.clock.sleep(nextRowMs(nowMs, everyMs) - nowMs, signal)
    const row = await readRow(deps, spec)
    if (!row.ok) {
      it.onRow(rows, row.message)
      continue
    }
    await file.appendFile(encodeRow(row.timeMs, row.values))
    rows += 1
    it.onValues?.(row.values, row.timeMs)
    it.onRow(rows, undefined)
    if (row.timeMs - syncedMs < SYNC_MS) continue
    await file.datasync()
    syncedMs = row.timeMs
  }
  await file.datasync()
}

type Row = { ok: true; timeMs: number; values: number[] } | { ok: false; message: string }

async function readRow({ runner, clock }: CollectDeps, { source, tags, everyMs }: Collecting['spec']): Promise<Row> {
  const answer = await runner.askSources({ kind: 'tags', source, tags })
  if (!answer.ok) return { ok: false, message: answer.message }
  const said = Said.safeParse(answer.said)
  if (!said.success) return { ok: false, message: 'the runner answered without readings' }
  const nowMs = clock.nowMs()
  const values = rowOf(
    tags,
    said.data.readings.map(({ value }) => value),
    { nowMs, everyMs },
  )
  // A source that has just begun, or is away, has nothing to teach.
  if (values.every(Number.isNaN)) return { ok: false, message: `no tag of ${source} has a good number now` }
  return { ok: true, timeMs: nowMs, values }
}
