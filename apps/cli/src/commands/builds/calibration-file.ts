/** Calibration file: the data set that a person names with `--calibrate`, as a blob of the hub. */
import type { Connection } from '@skerry/client/connection'
import { uploadBlob } from '@skerry/client/upload-blob'
import type { CalibrationInputs } from '@skerry/contract/builds/calibration'
import type { VersionDetail } from '@skerry/contract/models/model'
import type { Digest } from '@skerry/contract/values/digest'
import { backoffMs } from '@skerry/core/values/backoff'
import { digestOf } from '@skerry/platform/files/hash'
import { fail } from '../../program/failure.ts'
import { readBytes } from '../../program/input-file.ts'
import type { Session } from '../../program/session.ts'

/** On a good line, a retried upload continues quickly. On a bad line, the waits become longer. */
const RETRY = { baseMs: 500, maxMs: 30_000 }

/** Reads the file for this version, uploads its rows, and returns their digest. */
export async function uploadCalibration(
  connection: Connection,
  { file, version }: { file: string; version: VersionDetail },
  session: Session,
): Promise<Digest> {
  const bytes = Buffer.from(JSON.stringify(await readCalibration(file, version)))
  const digest = digestOf(bytes)
  await uploadBlob(
    connection,
    {
      digest,
      sizeBytes: bytes.length,
      source: (start) => new Blob([bytes.subarray(start)]).stream(),
      delayMs: (attempt) => backoffMs(attempt, RETRY, session.io.random()),
    },
    session.signal,
  )
  return digest
}

async function readCalibration(file: string, version: VersionDetail): Promise<CalibrationInputs> {
  if (!('summary' in version)) throw fail('file_invalid', `${version.name} is no model, so nothing can calibrate it`)
  const { readCalibrationRows } = await import('@skerry/client/golden-cases/calibration-rows')
  const reading = await readCalibrationRows(await readBytes(file), version.summary)
  if (!reading.ok) throw fail('file_invalid', `${file}: ${reading.message}`)
  return reading.rows
}
