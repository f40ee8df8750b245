/** Calibrate command: composes the batch command that computes ranges on devices, and joins the answers of a batch. */
import type { BatchCommandOf } from '@skerry/contract/batches/batch-command'
import type { Calibration } from '@skerry/contract/builds/calibration'
import type {
  CalibrateCommand,
  CalibrateRequest,
  JoinedRanges,
  RangesReport,
} from '@skerry/contract/builds/device-ranges'
import { ModelSummary } from '@skerry/contract/models/model-summary'
import type { BatchId } from '@skerry/contract/values/ids'
import { joinRanges, readRangesReport } from '@skerry/core/builds/device-ranges'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import { findBatch } from '../batches/batch-store.ts'
import { outputsOf } from '../batches/job-store.ts'
import { problem } from '../http/problem.ts'
import { filesOf } from '../models/version-store.ts'
import { fromJson, type Json } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'

export async function calibrateCommandOf(
  db: Db,
  version: VersionTable,
  { rows }: CalibrateRequest,
): Promise<CalibrateCommand> {
  const { inputs } = ModelSummary.parse(fromJson(version.summary))
  const { name, version: number, digest } = version
  const files = await filesOf(db, version.id)
  return { kind: 'calibrate-model', name, version: number, digest, files, inputs, rows }
}

/** The ranges of all devices, with their name in the lineage, and the bytes that the name is the digest of. */
export type BatchRanges = { calibration: Calibration; bytes: Uint8Array }

/** Throws the contract's problem if the batch is of another kind or version, or no device has answered. */
export async function rangesOfBatch(db: Db, version: VersionTable, batchId: BatchId): Promise<BatchRanges> {
  const batch = await findBatch(db, { organisationId: version.organisation_id, batchId })
  if (!batch) throw problem('batch_unknown')
  const model = `${version.name}:${version.version}`
  if (batch.kind !== 'calibrate-model')
    throw unfit(`${batchId} is a batch of ${batch.kind}, and not of calibrate-model`)
  const command = fromJson(batch.command as Json<BatchCommandOf<'calibrate-model'>>)
  if (command.digest !== version.digest)
    throw unfit(`${batchId} is for ${command.name}:${command.version}, and the optimisation for ${model}`)
  const joined = joinRanges(await reportsOf(db, batchId, command))
  if (!joined)
    throw unfit(`no device of ${batchId} has answered with ranges; "skerry batch report ${batchId}" says why`)
  return named(joined)
}

async function reportsOf(db: Db, batchId: BatchId, command: CalibrateCommand): Promise<RangesReport[]> {
  const outputs = await outputsOf(db, batchId)
  return outputs.flatMap((output) => {
    const read = readRangesReport(output, command)
    return read.ok ? [read.report] : []
  })
}

function named(joined: JoinedRanges): BatchRanges {
  const bytes = Buffer.from(canonicalJson(joined))
  return { calibration: { digest: digestOf(bytes), rows: joined.rows, origin: 'devices' }, bytes }
}

const unfit = (message: string) => problem('calibration_invalid', message)
