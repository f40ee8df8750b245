/** Folds the small computations on constants by which models find their shapes, so that all shapes are static. */
import type { Datatype } from '@skerry/contract/models/tensor'
import type { RawTensor } from '../tensor.ts'
import type { Operation } from './operation.ts'
import { rangesOfSlice } from './rules/layout/slice.ts'
import { elementsOf, type Fact } from './rules/rule.ts'

/** Longer constants are weights or masks, which the runtime computes. */
export const NUMBERS_MAX = 4_096

type Folding = { operation: Operation; inputs: readonly Fact[]; output: Fact }
type Numbers = readonly number[] | undefined

/** The numbers of the only output, if all inputs have numbers; undefined if the operation is to be computed. */
export function foldOperation({ operation, inputs, output }: Folding): Numbers {
  if (output.numbers) return output.numbers
  if (elementsOf(output.shape) > NUMBERS_MAX || inputs.some(({ numbers }) => !numbers)) return undefined
  const folded = folds.get(operation.operator)?.({ operation, inputs, output })
  return folded?.length === elementsOf(output.shape) ? folded : undefined
}

const numbersOf = (inputs: readonly Fact[], index: number): readonly number[] => inputs[index]?.numbers ?? []

const same = ({ inputs }: Folding): Numbers => numbersOf(inputs, 0)

/** One number beside many stands for each of them. Other shapes are left to the runtime. */
const each =
  (compute: (a: number, b: number, isWhole: boolean) => number) =>
  ({ inputs, output }: Folding): Numbers => {
    const count = elementsOf(output.shape)
    const sides = [numbersOf(inputs, 0), numbersOf(inputs, 1)]
    if (inputs.length !== 2 || sides.some(({ length }) => length !== 1 && length !== count)) return undefined
    const [a = [], b = []] = sides
    const isWhole = inputs[0]?.datatype !== 'FP32'
    return Array.from({ length: count }, (_, index) => compute(at(a, index), at(b, index), isWhole))
  }

const at = (numbers: readonly number[], index: number): number => numbers[numbers.length === 1 ? 0 : index] ?? 0

const one =
  (compute: (value: number) => number) =>
  ({ inputs }: Folding): Numbers =>
    numbersOf(inputs, 0).map(compute)

const truth = (compute: (a: number, b: number) => boolean) => each((a, b) => Number(compute(a, b)))

const folds: ReadonlyMap<string, (folding: Folding) => Numbers> = new Map([
  ...['Identity', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'].map((operator) => [operator, same] as const),
  ['Add', each((a, b) => a + b)],
  ['Sub', each((a, b) => a - b)],
  ['Mul', each((a, b) => a * b)],
  ['Div', each((a, b, isWhole) => (isWhole ? Math.trunc(a / b) : Math.fround(a / b)))],
  ['Max', each((a, b) => Math.max(a, b))],
  ['Min', each((a, b) => Math.min(a, b))],
  ['Equal', truth((a, b) => a === b)],
  ['Greater', truth((a, b) => a > b)],
  ['Less', truth((a, b) => a < b)],
  ['Neg', one((value) => -value)],
  ['Not', one((value) => Number(value === 0))],
  ['Sqrt', one((value) => Math.fround(Math.sqrt(value)))],
  ['Cast', cast],
  [
    'Concat',
    ({ inputs, output }) => (output.shape.length === 1 ? inputs.flatMap(({ numbers = [] }) => numbers) : undefined),
  ],
  ['Gather', gather],
  ['Slice', slice],
  ['Expand', ({ inputs, output }) => repeated(numbersOf(inputs, 0), output)],
  ['ConstantOfShape', constantOfShape],
  ['Range', range],
  ['Where', where],
])

function cast({ inputs, output: { datatype } }: Folding): Numbers {
  const numbers = numbersOf(inputs, 0)
  if (datatype === 'BOOL') return numbers.map((value) => Number(value !== 0))
  return datatype === 'FP32' ? numbers.map(Math.fround) : numbers.map(Math.trunc)
}

function gather({ inputs }: Folding): Numbers {
  const numbers = numbersOf(inputs, 0)
  if (inputs[0]?.shape.length !== 1) return undefined
  return numbersOf(inputs, 1).map((index) => numbers.at(index) ?? 0)
}

function slice({ inputs: [x, ...bounds] }: Folding): Numbers {
  if (x?.shape.length !== 1) return undefined
  const ranges = rangesOfSlice(x, bounds)
  if ('unsupported' in ranges) return undefined
  const [{ start, end } = { start: 0, end: 0 }] = ranges
  return x.numbers?.slice(start, end)
}

const repeated = (numbers: readonly number[], output: Fact): Numbers =>
  numbers.length === 1 ? new Array<number>(elementsOf(output.shape)).fill(numbers[0] ?? 0) : undefined

function constantOfShape({ operation, output }: Folding): Numbers {
  const part = operation.attributes.value
  const value = part && 'tensor' in part ? numbersOfTensor(part.tensor) : [0]
  return value && repeated(value, output)
}

function range({ inputs, output }: Folding): Numbers {
  const [start = 0] = numbersOf(inputs, 0)
  const [step = 1] = numbersOf(inputs, 2)
  return Array.from({ length: elementsOf(output.shape) }, (_, index) => start + index * step)
}

function where({ inputs, output }: Folding): Numbers {
  const [condition, a, b] = [numbersOf(inputs, 0), numbersOf(inputs, 1), numbersOf(inputs, 2)]
  return Array.from({ length: elementsOf(output.shape) }, (_, index) => at(at(condition, index) ? a : b, index))
}

/** The numbers of a small tensor; undefined for long ones and other types. */
export function numbersOfTensor({ datatype, shape, data }: RawTensor): number[] | undefined {
  if (elementsOf(shape) > NUMBERS_MAX) return undefined
  const { buffer } = new Uint8Array(data)
  if (datatype === 'INT64') return Array.from(new BigInt64Array(buffer), Number)
  if (datatype === 'INT32') return [...new Int32Array(buffer)]
  if (datatype === 'FP32') return [...new Float32Array(buffer)]
  return datatype === 'BOOL' ? [...new Uint8Array(buffer)] : undefined
}

/** The tensor of these numbers; undefined for types that are not folded. */
export function tensorOfNumbers(datatype: Datatype, shape: readonly number[], numbers: readonly number[]) {
  const array = arrayOf(datatype, numbers)
  return array && { datatype, shape: [...shape], data: new Uint8Array(array.buffer) }
}

function arrayOf(datatype: Datatype, numbers: readonly number[]) {
  if (datatype === 'INT64') return BigInt64Array.from(numbers, BigInt)
  if (datatype === 'INT32') return Int32Array.from(numbers)
  if (datatype === 'FP32') return Float32Array.from(numbers)
  return datatype === 'BOOL' ? Uint8Array.from(numbers) : undefined
}
