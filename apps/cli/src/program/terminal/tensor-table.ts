/** Tensor table: the inputs and outputs of a version that answers requests. */
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { shapeText } from '@skerry/core/models/model-diff'
import type { Style } from './style.ts'
import { tableOf } from './table.ts'

type Tensors = { inputs: readonly TensorSpec[]; outputs: readonly TensorSpec[] }

/** A row for each tensor, the inputs first. */
export const tensorTable = (style: Style, { inputs, outputs }: Tensors): string =>
  tableOf(style, ['TENSOR', 'NAME', 'TYPE', 'SHAPE'], [...rowsOf('input', inputs), ...rowsOf('output', outputs)], '')

const rowsOf = (part: string, tensors: readonly TensorSpec[]) =>
  tensors.map(({ name, datatype, shape }) => [part, name, datatype, shapeText(shape)])
