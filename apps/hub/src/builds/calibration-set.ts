/** Calibration set: reads the data set of an optimisation from its blob, and checks it against the model. */
import { CALIBRATION_BYTES_MAX, type Calibration, CalibrationInputs } from '@skerry/contract/builds/calibration'
import { ModelSummary } from '@skerry/contract/models/model-summary'
import type { Digest } from '@skerry/contract/values/digest'
import { checkCalibration } from '@skerry/core/builds/calibration'
import { findBlob } from '../blobs/blob-store.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { fromJson } from '../store/json-column.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'

/** The data set, and the rows with labels that are compared: 0 without labels. */
export type ReadCalibration = { calibration: Calibration; labelledRows: number }

/** Throws the contract's problem if there is no such blob, or it does not fit. */
export async function readCalibration(
  hub: Hub,
  version: VersionTable,
  digest: Digest,
  signal: AbortSignal,
): Promise<ReadCalibration> {
  const blob = await findBlob(hub.store.db, version.organisation_id, digest)
  if (!blob) throw problem('blob_unknown')
  if (blob.size_bytes > CALIBRATION_BYTES_MAX)
    throw problem(
      'calibration_invalid',
      `the calibration data has over ${CALIBRATION_BYTES_MAX} bytes; give fewer rows`,
    )
  using _pins = hub.blobGuard.pin([digest])
  const chunks: Uint8Array[] = []
  const range = { start: 0, end: blob.size_bytes - 1 }
  if (blob.size_bytes > 0) for await (const chunk of hub.blobs.read(digest, range, signal)) chunks.push(chunk)
  const { inputs, outputs, unrankedOutputs } = ModelSummary.parse(fromJson(version.summary))
  const checked = checkCalibration(parseCalibration(Buffer.concat(chunks).toString('utf8')), {
    specs: inputs,
    outputs,
    unrankedOutputs,
    bytesOf: (base64) => Buffer.from(base64, 'base64'),
  })
  if (!checked.ok) throw problem('calibration_invalid', checked.message)
  return { calibration: { digest, rows: checked.rows, origin: 'data-set' }, labelledRows: checked.labelled }
}

/** The data set from the text of its blob. Throws the contract's problem if it is none. */
export function parseCalibration(text: string): CalibrationInputs {
  const parsed = CalibrationInputs.safeParse(jsonOf(text))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue?.path.join('.') || 'the whole'
  throw problem('calibration_invalid', `the calibration data is no JSON of cases: ${where}: ${issue?.message}`)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw problem(
      'calibration_invalid',
      'the calibration data is no JSON; "skerry model optimise --calibrate" takes .npz, too',
    )
  }
}
