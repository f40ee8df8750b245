/** Send data set: reads a file of rows for a model, and sends the rows as a blob that an optimisation can name. */
import { readCalibrationRows } from '@skerry/client/golden-cases/calibration-rows'
import { CALIBRATION_BYTES_MAX } from '@skerry/contract/builds/calibration'
import type { ModelSummary } from '@skerry/contract/models/model-summary'
import { digestOfFile } from '../../models/upload/job/file-workers.ts'
import { jobTools } from '../../models/upload/job/job-tools.ts'
import { rangesTexts } from './english-ranges.ts'
import type { DataSet } from './ranges-source.ts'

type Sent = { ok: true; dataSet: DataSet } | { ok: false; message: string }

type Sending = { summary: ModelSummary; onProgress: (percent: number) => void }

/** Rejects with the hub's problem, or with the signal's reason. */
export async function sendDataSet(file: File, { summary, onProgress }: Sending, signal: AbortSignal): Promise<Sent> {
  if (file.size > CALIBRATION_BYTES_MAX) return { ok: false, message: rangesTexts.fileTooLarge(CALIBRATION_BYTES_MAX) }
  const reading = await readCalibrationRows(new Uint8Array(await file.arrayBuffer()), summary)
  signal.throwIfAborted()
  if (!reading.ok) return reading
  const rows = new File([JSON.stringify(reading.rows)], file.name, { type: 'application/json' })
  const digest = await digestOfFile(rows, () => {}, signal)
  await jobTools.upload(
    {
      digest,
      sizeBytes: rows.size,
      source: (startBytes) => rows.slice(startBytes).stream(),
      onProgress: (offsetBytes) => onProgress(Math.floor((100 * offsetBytes) / rows.size)),
      delayMs: jobTools.delayMs,
    },
    signal,
  )
  return { ok: true, dataSet: { digest, name: file.name, rows: reading.rows.cases.length } }
}
