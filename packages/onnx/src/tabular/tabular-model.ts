/** Tabular model: the parts of an ONNX file that answers rows of a table, with its description in words. */
import type { ModelForm } from '@skerry/contract/models/tabular/conversion'
import type { Link } from '@skerry/contract/models/tabular/estimator'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { buildModel, type NamedTensor, type NodePart } from '../build.ts'
import { writeModel } from '../write.ts'
import { tailOf } from './links.ts'

/** The one input: FP32, a row of the table each. */
export const ROWS = 'x'

export type Converted = {
  form: ModelForm
  framework: string
  what: string
  bytes: Uint8Array<ArrayBuffer>
  inputs: TensorSpec[]
  outputs: TensorSpec[]
  classes?: (number | string)[]
}

export type TabularParts = Pick<Converted, 'form' | 'framework' | 'what'> & {
  features: number
  /** From the input to the tensor `scores`, FP32. */
  nodes: NodePart[]
  initialisers: NamedTensor[]
  scores: number
  link: Link
  classes?: (number | string)[] | undefined
  /** The names of the columns, if the file has them. */
  columns?: readonly string[] | undefined
}

/** [ONNX 1.14] The sets of the operators that are used here; TreeEnsembleRegressor got its present form in version 3. */
const OPSETS = { 'ai.onnx': 18, 'ai.onnx.ml': 3 }

export function tabularModel({ form, framework, what, features, classes, columns, ...parts }: TabularParts): Converted {
  const tail = tailOf({ input: 'scores', scores: parts.scores, link: parts.link, classes })
  const inputs: TensorSpec[] = [{ name: ROWS, datatype: 'FP32', shape: [-1, features] }]
  const model = buildModel({
    opsets: OPSETS,
    inputs,
    outputs: tail.outputs,
    nodes: [...parts.nodes, ...tail.nodes],
    initialisers: [...parts.initialisers, ...tail.initialisers],
    metadata: {
      framework,
      ...(classes && { classes: JSON.stringify(classes) }),
      ...(columns && { columns: JSON.stringify(columns) }),
    },
  })
  const found = { form, framework, what, bytes: writeModel(model), inputs, outputs: tail.outputs }
  return classes ? { ...found, classes } : found
}
