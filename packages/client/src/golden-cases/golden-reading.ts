/** Golden reading: golden cases that were read from a file of a person, or the first error in words. */
import {
  GOLDEN_BASE64_CHARACTERS_MAX,
  GOLDEN_CASES_MAX,
  GoldenInputs,
  type Tolerance,
} from '@skerry/contract/devices/golden'
import type { Tensor, TensorSpec } from '@skerry/contract/models/tensor'
import { firstNotFinite } from '@skerry/core/tensors/not-finite'
import { base64Of } from '../base64.ts'

/** Base64 makes four characters of three bytes. The contract has the limit of all tensors together. */
const TENSOR_BYTES_MAX = (GOLDEN_BASE64_CHARACTERS_MAX / 4) * 3

/** The tensors of the model. Outputs without a known rank have the shape [], and are named separately. */
export type GoldenSpecs = {
  inputs: readonly TensorSpec[]
  outputs: readonly TensorSpec[]
  unrankedOutputs?: readonly string[]
  /** The limits of the cases. Another use than golden cases has its own. */
  limits?: typeof GoldenInputs
  casesMax?: number
  /** Whether an array of this name is for another reader than that of the cases. */
  isAddition?(name: string): boolean
}

export type GoldenReading =
  | {
      ok: true
      golden: GoldenInputs
      /** The outputs of the model that the file has expected values for. */
      expected: string[]
      /** Names in the file that are neither inputs nor outputs of the model. */
      ignored: string[]
    }
  | { ok: false; message: string }

export type Side = 'input' | 'output'

export type ReadCase = { inputs: Record<string, Tensor>; outputs: Record<string, Tensor> }

/** Ends the reading with an error in words. It never leaves this folder. */
export class Misfit extends Error {}

/** Runs the work, and returns a misfit as a value. */
export async function reading(read: () => GoldenReading | Promise<GoldenReading>): Promise<GoldenReading> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof Misfit) return { ok: false, message: error.message }
    throw error
  }
}

/** Call it before anything is made for each case: a small file can state millions of empty ones. */
export function refuseTooManyCases(count: number, { casesMax = GOLDEN_CASES_MAX }: GoldenSpecs): void {
  if (count > casesMax)
    throw new Misfit(`it has ${count} cases, and at most ${casesMax} are taken; leave the others out`)
}

type Finish = { tolerance: Tolerance | undefined; ignored: string[]; limits: typeof GoldenInputs | undefined }

/** The cases in the form of the contract. */
export function finish(
  cases: readonly ReadCase[],
  { tolerance, ignored, limits = GoldenInputs }: Finish,
): GoldenReading {
  const given = cases.map(({ inputs, outputs }) => ({
    inputs,
    ...(Object.keys(outputs).length > 0 && { outputs }),
  }))
  const golden = limits.safeParse({ cases: given, ...(tolerance && { tolerance }) })
  if (!golden.success) {
    const [issue] = golden.error.issues
    throw new Misfit(`${issue?.path.join('.') || 'the whole'}: ${issue?.message}`)
  }
  const expected = [...new Set(cases.flatMap(({ outputs }) => Object.keys(outputs)))]
  return { ok: true, golden: golden.data, expected, ignored }
}

/** A tensor from its raw bytes. An expected output must be finite, because no device could ever agree with it. */
export function tensorOfBytes(
  where: string,
  { name, datatype, shape }: TensorSpec,
  { bytes, side }: { bytes: Uint8Array; side: Side },
): Tensor {
  if (bytes.length > TENSOR_BYTES_MAX)
    throw new Misfit(`${where}: ${name} has ${bytes.length} bytes, and all cases may have ${TENSOR_BYTES_MAX}`)
  const at = side === 'output' ? firstNotFinite(datatype, bytes) : undefined
  if (at !== undefined) throw new Misfit(`${where}: the expected output ${name}[${at}] is NaN or infinite`)
  return { datatype, shape, data: base64Of(bytes) }
}

/** The tensor of that name: an input if the model has one of that name, else an output. */
export function specOf(name: string, specs: GoldenSpecs): { side: Side; spec: TensorSpec } | undefined {
  const input = specs.inputs.find((spec) => spec.name === name)
  if (input) return { side: 'input', spec: input }
  const output = specs.outputs.find((spec) => spec.name === name)
  return output && { side: 'output', spec: output }
}

export const namesOf = (specs: readonly { name: string }[]): string => specs.map(({ name }) => name).join(', ')

/** `golden case 2`; a number is easier to find in a file if it counts from 1, as the hub counts. */
export const caseText = (index: number): string => `case ${index + 1}`
