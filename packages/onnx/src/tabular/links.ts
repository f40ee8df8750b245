/** Links: from raw scores to the outputs of a model, as nodes of ONNX. */
import type { Link } from '@skerry/contract/models/tabular/estimator'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { float32Tensor, type NamedTensor, type NodePart } from '../build.ts'

export type Tail = { nodes: NodePart[]; initialisers: NamedTensor[]; outputs: TensorSpec[] }

type Scores = {
  /** The tensor of the scores, FP32 [rows, number]. */
  input: string
  scores: number
  link: Link
  /** Of a classifier. */
  classes: readonly (number | string)[] | undefined
}

/** `y` for values. For a classifier `probabilities`, and `label`: the class if classes are whole numbers, else its index. */
export function tailOf({ input, scores, link, classes }: Scores): Tail {
  const linked = link === 'sigmoid' ? twoClasses(input) : plainLink(input, link)
  if (!classes) {
    const nodes = [...linked.nodes, { operator: 'Identity', inputs: [linked.output], outputs: ['y'] }]
    const width = link === 'sigmoid' ? 2 : scores
    return { nodes, initialisers: linked.initialisers, outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, width] }] }
  }
  const label = labelOf(classes)
  return {
    nodes: [
      ...linked.nodes,
      { operator: 'Identity', inputs: [linked.output], outputs: ['probabilities'] },
      ...label.nodes,
    ],
    initialisers: [...linked.initialisers, ...label.initialisers],
    outputs: [
      { name: 'probabilities', datatype: 'FP32', shape: [-1, classes.length] },
      { name: 'label', datatype: 'INT64', shape: [-1] },
    ],
  }
}

type Linked = { nodes: NodePart[]; initialisers: NamedTensor[]; output: string }

function twoClasses(input: string): Linked {
  return {
    nodes: [
      { operator: 'Sigmoid', inputs: [input], outputs: ['second'] },
      { operator: 'Sub', inputs: ['one', 'second'], outputs: ['first'] },
      { operator: 'Concat', inputs: ['first', 'second'], outputs: ['linked'], attributes: { axis: { int: 1 } } },
    ],
    initialisers: [float32Tensor('one', [1], Float32Array.of(1))],
    output: 'linked',
  }
}

function plainLink(input: string, link: Exclude<Link, 'sigmoid'>): Linked {
  const one = (node: Omit<NodePart, 'inputs' | 'outputs'>): Linked => ({
    nodes: [{ ...node, inputs: [input], outputs: ['linked'] }],
    initialisers: [],
    output: 'linked',
  })
  switch (link) {
    case 'none':
    case 'shares':
      return { nodes: [], initialisers: [], output: input }
    case 'exp':
      return one({ operator: 'Exp' })
    case 'softmax':
      return one({ operator: 'Softmax', attributes: { axis: { int: 1 } } })
    case 'ovr':
      return {
        nodes: [
          { operator: 'Sigmoid', inputs: [input], outputs: ['each'] },
          { operator: 'ReduceSum', inputs: ['each', 'axis'], outputs: ['all'], attributes: { keepdims: { int: 1 } } },
          { operator: 'Div', inputs: ['each', 'all'], outputs: ['linked'] },
        ],
        initialisers: [int64Tensor('axis', [1])],
        output: 'linked',
      }
  }
}

function int64Tensor(name: string, values: readonly number[]): NamedTensor {
  const data = new Uint8Array(BigInt64Array.from(values, BigInt).buffer)
  return { name, datatype: 'INT64', shape: [values.length], data }
}

/** The first of equal probabilities wins, as in NumPy. */
function labelOf(classes: readonly (number | string)[]): Pick<Tail, 'nodes' | 'initialisers'> {
  const attributes = { axis: { int: 1 }, keepdims: { int: 0 } }
  const numbers = classes.filter((one) => typeof one === 'number')
  const isIndex = numbers.length < classes.length || numbers.every((one, at) => one === at)
  const top: NodePart = {
    operator: 'ArgMax',
    inputs: ['probabilities'],
    outputs: [isIndex ? 'label' : 'index'],
    attributes,
  }
  if (isIndex) return { nodes: [top], initialisers: [] }
  const named: NodePart = {
    operator: 'Gather',
    inputs: ['classes', 'index'],
    outputs: ['label'],
    attributes: { axis: { int: 0 } },
  }
  return { nodes: [top, named], initialisers: [int64Tensor('classes', numbers)] }
}
