/** Calibration rows: the data set of an optimisation, read from the file of a person, JSON or an archive of numpy. */
import { CALIBRATION_ROWS_MAX, CalibrationInputs } from '@skerry/contract/builds/calibration'
import { readGoldenFile } from './golden-file.ts'
import { type GoldenSpecs, Misfit } from './golden-reading.ts'
import { isLabelArray, readRowLabels } from './row-labels.ts'

export type CalibrationReading = { ok: true; rows: CalibrationInputs } | { ok: false; message: string }

/** The rows for a model with these tensors, with their labels, and without expected outputs, which nothing reads. */
export async function readCalibrationRows(
  bytes: Uint8Array<ArrayBuffer>,
  { inputs, outputs, unrankedOutputs = [] }: GoldenSpecs,
): Promise<CalibrationReading> {
  const tensors = { inputs, outputs }
  const limits = { limits: CalibrationInputs, casesMax: CALIBRATION_ROWS_MAX }
  const isAddition = (name: string) => isLabelArray(name, tensors)
  const reading = await readGoldenFile(bytes, { ...tensors, unrankedOutputs, ...limits, isAddition }, undefined)
  if (!reading.ok) return reading
  const { cases } = reading.golden
  try {
    const labels = await readRowLabels(bytes, tensors)
    if (labels.length > 0 && labels.length !== cases.length)
      return {
        ok: false,
        message: `it has ${cases.length} rows and labels for ${labels.length}; give one for each row`,
      }
    return { ok: true, rows: { cases: cases.map((row, at) => ({ inputs: row.inputs, ...labelled(labels[at]) })) } }
  } catch (error) {
    if (error instanceof Misfit) return { ok: false, message: error.message }
    throw error
  }
}

const labelled = (labels: Awaited<ReturnType<typeof readRowLabels>>[number]) => (labels ? { labels } : {})
