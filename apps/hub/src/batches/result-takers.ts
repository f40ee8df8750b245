/** Result takers: the commands whose output the hub stores as more than text, in the transaction of the result. */
import type { BatchCommandOf, BatchKind } from '@skerry/contract/batches/batch-command'
import type { JobResult } from '@skerry/contract/batches/job'
import type { Cause } from '@skerry/contract/devices/item'
import type { DeviceId } from '@skerry/contract/values/ids'
import { readBenchReport } from '@skerry/core/builds/bench-report'
import { readRangesReport } from '@skerry/core/builds/device-ranges'
import { storeMeasurements } from '../builds/measurement-store.ts'
import { classOfDevice } from '../devices/device-classes.ts'
import { fromJson, type Json } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import type { BatchTable } from '../store/tables/batch-tables.ts'

export type Taken = { batch: BatchTable; deviceId: DeviceId; result: JobResult; nowMs: number }

/** Returns why the output is rejected; the job then counts as failed. */
type TakeResult = (tx: Tx, taken: Taken) => Promise<Cause | undefined>

const takers: Readonly<Partial<Record<BatchKind, TakeResult>>> = {
  async 'bench-model'(tx, { batch, deviceId, result, nowMs }) {
    const command = fromJson(batch.command as Json<BatchCommandOf<'bench-model'>>)
    const hardwareClass = await classOfDevice(tx, deviceId)
    const read = readBenchReport(result.output, { command, hardwareClass })
    if (!read.ok) return { code: 'bench_report_invalid', message: read.message.slice(0, MESSAGE_MAX) }
    const { name, version } = command
    const place = { organisationId: batch.organisation_id, name, version, deviceId, batchId: batch.id }
    await storeMeasurements(tx, { ...place, report: read.report, nowMs })
    return undefined
  },
  // The output itself is what an optimisation reads later.
  async 'calibrate-model'(_tx, { batch, result }) {
    const read = readRangesReport(result.output, fromJson(batch.command as Json<BatchCommandOf<'calibrate-model'>>))
    return read.ok ? undefined : { code: 'calibration_report_invalid', message: read.message.slice(0, MESSAGE_MAX) }
  },
}

/** [contract, Cause.message] */
const MESSAGE_MAX = 1_000

/** Stores the output of a job that succeeded, if its command has a use for it. Other commands accept any text. */
export const takeResult: TakeResult = async (tx, taken) =>
  taken.result.outcome === 'succeeded' ? takers[taken.batch.kind]?.(tx, taken) : undefined
