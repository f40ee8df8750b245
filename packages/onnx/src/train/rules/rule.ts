/**
 * A rule teaches one operator to a training: the shape of its outputs, and either its gradient or operations that
 * compute the same and have rules of their own. An operator without a rule is refused by its name.
 */
import type { Datatype } from '@skerry/contract/models/tensor'
import type { Attributes, Operation } from '../operation.ts'

/**
 * The type and shape of a value, and its numbers if it is constant and small. Shapes are static: the batch is known.
 */
export type Fact = { datatype: Datatype; shape: readonly number[]; numbers?: readonly number[] }

/** The end of a sentence that begins with the node. */
export type Unsupported = { unsupported: string }

export const unsupported = (why: string): Unsupported => ({ unsupported: why })

export const isUnsupported = (value: object): value is Unsupported => 'unsupported' in value

/** Facts of the inputs of an operation; an input that it leaves out has none. */
export type Inference = { operation: Operation; inputs: readonly (Fact | undefined)[] }

/** How a gradient is written. Names of values are those of the training model. */
export type Backward = {
  /** Appends an operation with one output, and returns the name of that. */
  emit(operator: string, inputs: readonly string[], attributes?: Attributes): string
  /** Adds to the gradient of a value. A value that is read twice gets the sum. */
  add(name: string | undefined, gradient: string): void
  /** Whether a weight stands behind the value, so that its gradient is needed. */
  wants(name: string | undefined): name is string
  gradientOf(name: string): string | undefined
  shape(name: string): readonly number[]
  fact(name: string): Fact
  /** Names of constants; equal constants share a name. */
  ints(values: readonly number[]): string
  float(value: number): string
  floats(shape: readonly number[], values: Float32Array): string
}

/** How other operations are written in place of one. */
export type Lowering = Inference & {
  isTrainingStatistics: boolean
  emit(operator: string, inputs: readonly string[], attributes?: Attributes): string
  /** The last operation, which gives the output of the replaced one. */
  finish(operator: string, inputs: readonly string[], attributes?: Attributes, output?: number): void
  /** States that a parameter has another value after the step, although it has no gradient. */
  follow(parameter: string, value: string): void
  ints(values: readonly number[]): string
  float(value: number): string
}

export type Rule = {
  operator: string
  /** The unsupported settings, for the table of the documentation. */
  limits?: string
  infer(inference: Inference): readonly Fact[] | Unsupported
  /** `dy` is the gradient of the first output. */
  gradient?(backward: Backward, operation: Operation, dy: string): Unsupported | undefined
  /** False leaves the operation as it is. */
  lower?(lowering: Lowering): Unsupported | boolean
}

/** The only output has the type and shape of the first input. */
export const sameShape = ({ inputs: [x] }: Inference): readonly Fact[] | Unsupported =>
  x ? [{ datatype: x.datatype, shape: x.shape }] : unsupported('has no input')

type Unary = { x: string; y: string; dy: string; operation: Operation }

/** A rule of a function of each element. */
export const unaryRule = (
  operator: string,
  gradient: (backward: Backward, values: Unary) => string,
  limits?: string,
): Rule => ({
  operator,
  ...(limits === undefined ? {} : { limits }),
  infer: sameShape,
  gradient(backward, operation, dy) {
    const [x = ''] = operation.inputs
    const [y = ''] = operation.outputs
    backward.add(x, gradient(backward, { x, y, dy, operation }))
    return undefined
  },
})

export const elementsOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)
