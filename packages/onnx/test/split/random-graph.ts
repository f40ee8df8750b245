/** Random graph: small models with branches, skips, constants, subgraphs and several results, from a seed. */
import { buildModel, float32Tensor, type NamedTensor, type NodePart } from '../../src/build.ts'
import type { Model } from '../../src/read.ts'

const WIDTH = 4

export type Choose = (below: number) => number

/** A model of one or two inputs `a`, `b` of shape [n, 4]. All of its tensors have this shape. */
export function randomGraph(choose: Choose, nodeCount: number): Model {
  const inputs = choose(2) === 0 ? ['a'] : ['a', 'b']
  const initialisers: NamedTensor[] = [flag('yes', 1), flag('no', 0)]
  const nodes: NodePart[] = []
  const tensors = [...inputs]
  const pick = (names: readonly string[]) => names[choose(names.length)] ?? 'a'
  for (let at = 0; at < nodeCount; at++) {
    const name = `t${at}`
    const [kind, x, y] = [choose(8), pick(tensors), pick(tensors)]
    if (kind === 0) initialisers.push(weight(`w${at}`, choose))
    const weights = initialisers.flatMap(({ name: known }) => (known.startsWith('w') ? known : []))
    nodes.push(...nodesOf(kind, { name, x, y, weight: weights.at(choose(8) % 2), choose }))
    tensors.push(name)
  }
  const results = [`t${nodeCount - 1}`, ...tensors.slice(inputs.length, -1).filter(() => choose(5) === 0)]
  const spec = (name: string) => ({ name, datatype: 'FP32' as const, shape: [-1, WIDTH] })
  return buildModel({ nodes, inputs: inputs.map(spec), outputs: results.map(spec), initialisers })
}

type Step = { name: string; x: string; y: string; weight: string | undefined; choose: Choose }

function nodesOf(kind: number, step: Step): NodePart[] {
  const { name, x, y, weight: w } = step
  if (kind === 1) return constantSum(step)
  if (kind === 2) return [branch(step)]
  if (kind <= 4 && w !== undefined) return [{ operator: 'MatMul', inputs: [x, w], outputs: [name] }]
  if (kind === 5) return [{ operator: 'Tanh', inputs: [x], outputs: [name] }]
  return [{ operator: kind === 6 ? 'Sub' : 'Add', inputs: [x, y], outputs: [name] }]
}

/** A constant that is computed from a constant: no stage may send it. */
function constantSum({ name, x, choose }: Step): NodePart[] {
  const value = { tensor: float32Tensor('', [WIDTH], row(choose)) }
  return [
    { operator: 'Constant', inputs: [], outputs: [`c_${name}`], attributes: { value } },
    { operator: 'Neg', inputs: [`c_${name}`], outputs: [`k_${name}`] },
    { operator: 'Add', inputs: [x, `k_${name}`], outputs: [name] },
  ]
}

const weight = (name: string, choose: Choose) => float32Tensor(name, [WIDTH, WIDTH], matrix(choose))

/** An `If` that reads two tensors from around it. */
function branch({ name, x, y, choose }: Step): NodePart {
  const side = (operator: string) => ({
    graph: {
      nodes: [{ operator, inputs: [x, y], outputs: [`${name}_${operator}`] }],
      inputs: [],
      outputs: [{ name: `${name}_${operator}`, datatype: 'FP32' as const, shape: [-1, WIDTH] }],
    },
  })
  return {
    operator: 'If',
    inputs: [choose(2) === 0 ? 'yes' : 'no'],
    outputs: [name],
    attributes: { then_branch: side('Mul'), else_branch: side('Add') },
  }
}

const flag = (name: string, value: number): NamedTensor => ({
  name,
  datatype: 'BOOL',
  shape: [],
  data: Uint8Array.of(value),
})

const row = (choose: Choose) => Float32Array.from({ length: WIDTH }, () => choose(100) / 50 - 1)
const matrix = (choose: Choose) => Float32Array.from({ length: WIDTH * WIDTH }, () => choose(100) / 50 - 1)

type Size = { layers: number; width: number; heads: number }

/** Layers of attention and of two products, each with its residual, as in an encoder. */
export function transformer({ layers, width, heads }: Size): Model {
  const nodes: NodePart[] = []
  const initialisers: NamedTensor[] = [
    int64('split_heads', [0, 0, heads, width / heads]),
    int64('join_heads', [0, 0, width]),
    float32Tensor('scale', [], Float32Array.of(Math.sqrt(heads / width))),
  ]
  const weight = (name: string, shape: [number, number]) => {
    const values = Float32Array.from({ length: shape[0] * shape[1] }, (_, at) => Math.sin(at * 1.7 + name.length) / 8)
    initialisers.push(float32Tensor(name, shape, values))
    return name
  }
  const add = (operator: string, inputs: string[], output: string, attributes: NodePart['attributes'] = {}) => {
    nodes.push({ operator, inputs, outputs: [output], attributes })
    return output
  }
  let x = 'tokens'
  for (let layer = 0; layer < layers; layer++) {
    const name = (part: string) => `layer${layer}_${part}`
    const project = (part: string, perm: number[]) => {
      const product = add('MatMul', [x, weight(name(`w_${part}`), [width, width])], name(part))
      const split = add('Reshape', [product, 'split_heads'], name(`${part}_heads`))
      return add('Transpose', [split], name(`${part}_turned`), { perm: { ints: perm } })
    }
    const [q, k, v] = [project('q', [0, 2, 1, 3]), project('k', [0, 2, 3, 1]), project('v', [0, 2, 1, 3])]
    const scores = add('Mul', [add('MatMul', [q, k], name('scores')), 'scale'], name('scaled'))
    const mixed = add('MatMul', [add('Softmax', [scores], name('shares'), { axis: { int: -1 } }), v], name('mixed'))
    const turned = add('Transpose', [mixed], name('turned'), { perm: { ints: [0, 2, 1, 3] } })
    x = add('Add', [x, add('Reshape', [turned, 'join_heads'], name('joined'))], name('attended'))
    const wide = add('MatMul', [x, weight(name('w_up'), [width, 4 * width])], name('wide'))
    const narrow = add(
      'MatMul',
      [add('Relu', [wide], name('active')), weight(name('w_down'), [4 * width, width])],
      name('narrow'),
    )
    x = add('Add', [x, narrow], name('out'))
  }
  add('ReduceMean', [x], 'pooled', { keepdims: { int: 0 } })
  const inputs = [{ name: 'tokens', datatype: 'FP32' as const, shape: [-1, -1, width] }]
  const outputs = [
    { name: x, datatype: 'FP32' as const, shape: [-1, -1, width] },
    { name: 'pooled', datatype: 'FP32' as const, shape: [] },
  ]
  return buildModel({ nodes, inputs, outputs, initialisers })
}

const int64 = (name: string, values: number[]): NamedTensor => ({
  name,
  datatype: 'INT64',
  shape: [values.length],
  data: new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer),
})
