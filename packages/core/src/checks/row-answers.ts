/** Row answers: the answer of a model for each row of a batch, in one word. */
import type { SliceCheck } from '@skerry/contract/checks/check-file'
import { predictionOf, type RowOutput } from '../captures/prediction.ts'
import type { GoldenOutputs, GoldenTensor } from '../device/proof/golden.ts'
import { type Element, elementsOfBytes } from '../tensors/tensor-elements.ts'

/** One answer for each row; undefined if the outputs have no row of their own for it, or no answer. */
export function rowAnswers(
  outputs: GoldenOutputs,
  rows: number,
  { task, output }: Pick<SliceCheck, 'task' | 'output'>,
): (string | undefined)[] {
  const named = [...outputs].filter(([name]) => output === undefined || name === output)
  const split = named.flatMap(([name, tensor]) => {
    const parts = rowsOf(name, tensor, rows)
    return parts ? [parts] : []
  })
  return Array.from({ length: rows }, (_, row) => {
    const values = split.flatMap((parts) => parts[row] ?? [])
    return predictionOf(values, { task, output }).predicted
  })
}

function rowsOf(name: string, { datatype, shape, data }: GoldenTensor, rows: number): RowOutput[] | undefined {
  const elements = elementsOfBytes(datatype, data)
  const width = elements && elements.length / rows
  if (!elements || width === undefined || !Number.isInteger(width)) return undefined
  if (shape[0] !== rows && elements.length !== rows) return undefined
  const isScore = datatype.startsWith('FP') || datatype === 'BF16'
  return Array.from({ length: rows }, (_, row) => {
    const own = elements.slice(row * width, (row + 1) * width)
    if (isScore) return { name, kind: 'score', values: own.map(Number) }
    return { name, kind: 'class', values: own.map(classOf) }
  })
}

const classOf = (one: Element) => (typeof one === 'boolean' ? String(Number(one)) : String(one))
