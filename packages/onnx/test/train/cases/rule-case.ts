/** Cases of the gradient test: each is a small graph from `h`, the shifted input, to `y`. */
import type { AttributePart, NodePart } from '../../../src/build.ts'

export type RuleCase = {
  name: string
  /** The shape of the input with the batch first, and that of `y`. */
  input: readonly number[]
  output: readonly number[]
  nodes: readonly NodePart[]
  /** Shapes of weights that are trained. */
  weights?: Readonly<Record<string, readonly number[]>>
  /** Constants: whole numbers in a list, or float numbers of a shape, which are frozen. */
  ints?: Readonly<Record<string, readonly number[]>>
  floats?: Readonly<Record<string, { shape: readonly number[]; values: readonly number[] }>>
  opset?: number
  /** Batch normalisation takes the statistics of the batch. */
  isBatch?: boolean
  /** The input are numbers of rows, below this one. It has then no gradient. */
  idsBelow?: number
  /** The smallest and largest number of the input; -1 and 1 by default. */
  between?: readonly [number, number]
}

export const step = (
  operator: string,
  inputs: readonly string[],
  attributes: Readonly<Record<string, AttributePart>> = {},
  outputs: readonly string[] = ['y'],
): NodePart => ({ operator, inputs, outputs, attributes })

const int = (value: number): AttributePart => ({ int: value })
const ints = (...values: number[]): AttributePart => ({ ints: values })
const float = (value: number): AttributePart => ({ float: value })
const text = (value: string): AttributePart => ({ text: value })

/** Attributes in short: whole numbers, lists, and float numbers by their own call. */
export const of = { int, ints, float, text }

/** A case of one operator on the input alone. */
export const single = (
  operator: string,
  attributes: Readonly<Record<string, AttributePart>> = {},
  more: Partial<RuleCase> = {},
): RuleCase => ({
  name: Object.keys(attributes).length > 0 ? `${operator}, ${Object.keys(attributes).join(', ')}` : operator,
  input: [3, 4],
  output: [3, 4],
  nodes: [step(operator, ['h'], attributes)],
  ...more,
})
