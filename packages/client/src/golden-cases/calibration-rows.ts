/** Calibration rows: the data set from which ranges come, read from the file of a person, JSON or an archive of numpy. */
import { CALIBRATION_ROWS_MAX, CalibrationInputs } from '@skerry/contract/builds/calibration'
import { readGoldenFile } from './golden-file.ts'
import type { GoldenSpecs } from './golden-reading.ts'

export type CalibrationReading = { ok: true; rows: CalibrationInputs } | { ok: false; message: string }

/** The rows for a model with these tensors, without expected outputs, which no range comes from. */
export async function readCalibrationRows(
  bytes: Uint8Array<ArrayBuffer>,
  { inputs, outputs, unrankedOutputs = [] }: GoldenSpecs,
): Promise<CalibrationReading> {
  const specs = { inputs, outputs, unrankedOutputs, limits: CalibrationInputs, casesMax: CALIBRATION_ROWS_MAX }
  const reading = await readGoldenFile(bytes, specs, undefined)
  if (!reading.ok) return reading
  return { ok: true, rows: { cases: reading.golden.cases.map((row) => ({ inputs: row.inputs })) } }
}
