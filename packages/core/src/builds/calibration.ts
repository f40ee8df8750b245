/** Calibration: whether a data set fits a model before any process runs on it, and the use of each of its rows. */
import type { CalibrationInputs } from '@skerry/contract/builds/calibration'
import { ELEMENT_BYTES, type Tensor, type TensorSpec } from '@skerry/contract/models/tensor'
import type { GoldenTensor } from '../device/proof/golden.ts'
import { elementCount } from '../tensors/nested-tensor.ts'
import { firstNotFinite } from '../tensors/not-finite.ts'
import { elementReader } from '../tensors/tensor-elements.ts'
import { labelRole, outsideClasses } from './task-fidelity.ts'

/** `rows` give the ranges. `labelled` are compared; 0 without labels. */
export type CalibrationCheck = { ok: true; rows: number; labelled: number } | { ok: false; message: string }

/** A range from one row fits this row only. */
const ROWS_MIN = 2

/** The inputs and outputs of the model, and the decoder of base64. Without outputs no row may have labels. */
export type CalibrationFacts = {
  specs: readonly TensorSpec[]
  outputs?: readonly TensorSpec[]
  /** Outputs whose rank is unknown; their shape is []. */
  unrankedOutputs?: readonly string[]
  bytesOf(base64: string): Uint8Array
}

/** The rows that give ranges, and those with labels that are compared. No row is in both. */
export type RowSplit = { ranges: number[]; labelled: number[] }

/**
 * Rows without labels give the ranges. If there are fewer than two, every fourth row gives them and the others are
 * compared: ranges need few rows, and an accuracy needs many. The split is the same for all recipes.
 */
export function splitRows(cases: CalibrationInputs['cases']): RowSplit {
  const all = cases.map((_, index) => index)
  const labelled = all.filter((index) => cases[index]?.labels)
  const bare = all.filter((index) => !cases[index]?.labels)
  if (labelled.length === 0 || bare.length >= ROWS_MIN) return { ranges: bare, labelled }
  const ranges = all.filter((index) => index < ROWS_MIN || index % 4 === 0)
  return { ranges, labelled: labelled.filter((index) => !ranges.includes(index)) }
}

/** Checks each tensor of each row. The message names the first wrong row and tensor, counted from 1. */
export function checkCalibration({ cases }: CalibrationInputs, facts: CalibrationFacts): CalibrationCheck {
  if (cases.length === 0) return wrong('it has no rows; give at least two')
  if (cases.length < ROWS_MIN) return wrong('it has one row, and ranges from one row fit no other; give at least two')
  for (const [index, { inputs, labels }] of cases.entries()) {
    const problem = calibrationRowProblem(inputs, facts) ?? labelsProblem(labels, facts)
    if (problem !== undefined) return wrong(`row ${index + 1}: ${problem}`)
  }
  const { ranges, labelled } = splitRows(cases)
  const hasLabels = cases.some(({ labels }) => labels)
  if (hasLabels && labelled.length === 0)
    return wrong('two rows give the ranges, and no row with a label is left; give more rows')
  return { ok: true, rows: ranges.length, labelled: labelled.length }
}

function labelsProblem(
  labels: Readonly<Record<string, Tensor>> = {},
  { outputs = [], unrankedOutputs = [], bytesOf }: CalibrationFacts,
): string | undefined {
  for (const [name, label] of Object.entries(labels)) {
    const output = outputs.find((each) => each.name === name)
    if (!output)
      return `the model has no output ${name} for a label; it has ${outputs.map((each) => each.name).join(', ')}`
    if (output.datatype === 'BYTES' || label.datatype === 'BYTES')
      return `the label of ${name} is text or stands for text; labels are numbers of classes, or values`
    const role = labelRole(label.shape, output.shape)
    if (!unrankedOutputs.includes(name) && role === undefined)
      return `the label of ${name} has the shape [${label.shape.join(', ')}], and the output has ${shapeText(output)}; give a class for each of its rows, or a value for each element`
    const bytes = bytesOf(label.data)
    const problem =
      valuesProblem(`the label of ${name}`, label, bytes) ?? classProblem(name, { ...label, data: bytes }, output)
    if (problem !== undefined) return problem
  }
  return undefined
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

/** Only a model that states the number of its classes shows that here; the gate checks it for the others. */
function classProblem(name: string, label: GoldenTensor, { shape }: TensorSpec): string | undefined {
  const classes = shape.at(-1) ?? -1
  if (classes === -1 || labelRole(label.shape, shape) !== 'class') return undefined
  const valueAt = elementReader(label.datatype, label.data)
  for (let at = 0; at < elementCount(label.shape); at++) {
    const problem = outsideClasses(name, Number(valueAt(at)), classes)
    if (problem !== undefined) return problem
  }
  return undefined
}

function tensorProblem({ datatype, shape }: Tensor, bytes: Uint8Array, spec: TensorSpec): string | undefined {
  if (datatype !== spec.datatype) return `${spec.name} is ${datatype}, and the model takes ${spec.datatype}`
  const isFitting = shape.length === spec.shape.length && shape.every((size, axis) => fitsAxis(size, spec.shape[axis]))
  if (!isFitting) return `${spec.name} has the shape [${shape.join(', ')}], and the model takes ${shapeText(spec)}`
  return valuesProblem(spec.name, { datatype, shape }, bytes)
}

function valuesProblem(name: string, { datatype, shape }: Pick<Tensor, 'datatype' | 'shape'>, bytes: Uint8Array) {
  const needed = shape.reduce((product, size) => product * size, 1) * ELEMENT_BYTES[datatype]
  if (datatype !== 'BYTES' && bytes.length !== needed)
    return `${name} holds ${bytes.length} bytes, and its shape needs ${needed}`
  const at = firstNotFinite(datatype, bytes)
  return at === undefined ? undefined : `${name}[${at}] is NaN or infinite`
}

const fitsAxis = (size: number, wanted: number | undefined) => wanted === -1 || wanted === size

const shapeText = ({ shape }: TensorSpec) => `[${shape.map((size) => (size === -1 ? 'any' : size)).join(', ')}]`

const wrong = (message: string): CalibrationCheck => ({
  ok: false,
  message: `the calibration data does not fit: ${message}`,
})
