/** Calibration: whether a data set fits the inputs of a model, before any process runs on it. */
import type { CalibrationInputs } from '@skerry/contract/builds/calibration'
import { ELEMENT_BYTES, type Tensor, type TensorSpec } from '@skerry/contract/models/tensor'
import { firstNotFinite } from '../tensors/not-finite.ts'

export type CalibrationCheck = { ok: true; rows: number } | { ok: false; message: string }

/** A range from one row fits this row only. */
const ROWS_MIN = 2

/** The inputs of the model, and the decoder of base64. */
export type CalibrationFacts = { specs: readonly TensorSpec[]; bytesOf(base64: string): Uint8Array }

/** Checks each tensor of each row. The message names the first wrong row and tensor, counted from 1. */
export function checkCalibration({ cases }: CalibrationInputs, facts: CalibrationFacts): CalibrationCheck {
  if (cases.length === 0) return wrong('it has no rows; give at least two')
  if (cases.length < ROWS_MIN) return wrong('it has one row, and ranges from one row fit no other; give at least two')
  for (const [index, { inputs }] of cases.entries()) {
    const problem = calibrationRowProblem(inputs, facts)
    if (problem !== undefined) return wrong(`row ${index + 1}: ${problem}`)
  }
  return { ok: true, rows: cases.length }
}

/** Why the row is none of the model; undefined if it is one. */
export function calibrationRowProblem(
  inputs: Readonly<Record<string, Tensor>>,
  { specs, bytesOf }: CalibrationFacts,
): string | undefined {
  const known = specs.map(({ name }) => name)
  const unknown = Object.keys(inputs).find((name) => !known.includes(name))
  if (unknown !== undefined) return `the model has no input ${unknown}; it has ${known.join(', ')}`
  for (const spec of specs) {
    const tensor = inputs[spec.name]
    if (!tensor) return `it has no ${spec.name}, which is an input of the model`
    const problem = tensorProblem(tensor, bytesOf(tensor.data), spec)
    if (problem !== undefined) return problem
  }
  return undefined
}

function tensorProblem({ datatype, shape }: Tensor, bytes: Uint8Array, spec: TensorSpec): string | undefined {
  if (datatype !== spec.datatype) return `${spec.name} is ${datatype}, and the model takes ${spec.datatype}`
  const isFitting = shape.length === spec.shape.length && shape.every((size, axis) => fitsAxis(size, spec.shape[axis]))
  if (!isFitting) return `${spec.name} has the shape [${shape.join(', ')}], and the model takes ${shapeText(spec)}`
  const needed = shape.reduce((product, size) => product * size, 1) * ELEMENT_BYTES[datatype]
  if (datatype !== 'BYTES' && bytes.length !== needed)
    return `${spec.name} holds ${bytes.length} bytes, and its shape needs ${needed}`
  const at = firstNotFinite(datatype, bytes)
  return at === undefined ? undefined : `${spec.name}[${at}] is NaN or infinite`
}

const fitsAxis = (size: number, wanted: number | undefined) => wanted === -1 || wanted === size

const shapeText = ({ shape }: TensorSpec) => `[${shape.map((size) => (size === -1 ? 'any' : size)).join(', ')}]`

const wrong = (message: string): CalibrationCheck => ({
  ok: false,
  message: `the calibration data does not fit: ${message}`,
})
