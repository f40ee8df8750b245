/** Cases of products, convolutions, pools and normalisations. */
import { of, type RuleCase, single, step } from './rule-case.ts'

const gemm = (
  name: string,
  attributes: RuleCase['nodes'][number]['attributes'],
  w: readonly number[],
  c?: readonly number[],
): RuleCase => ({
  name: `Gemm ${name}`,
  input: [3, 4],
  output: [3, 5],
  weights: { w, ...(c && { c }) },
  nodes: [step('Gemm', ['h', 'w', ...(c ? ['c'] : [])], attributes)],
})

type Convolution = {
  name: string
  input: readonly number[]
  weight: readonly number[]
  output: readonly number[]
  attributes?: RuleCase['nodes'][number]['attributes']
}

const conv = (
  operator: 'Conv' | 'ConvTranspose',
  { name, input, weight, output, attributes }: Convolution,
): RuleCase => ({
  name: `${operator} ${name}`,
  input,
  output,
  weights: { w: weight, b: [output[1] ?? 0] },
  nodes: [step(operator, ['h', 'w', 'b'], attributes)],
})

const convolutions: readonly Convolution[] = [
  { name: 'alone', input: [2, 2, 4, 5], weight: [3, 2, 3, 2], output: [2, 3, 2, 4] },
  {
    name: 'with pads',
    input: [2, 2, 4, 4],
    weight: [2, 2, 3, 3],
    output: [2, 2, 5, 4],
    attributes: { pads: of.ints(1, 1, 2, 1) },
  },
  {
    name: 'with strides that leave a rest',
    input: [2, 2, 6, 8],
    weight: [3, 2, 3, 3],
    output: [2, 3, 2, 2],
    attributes: { strides: of.ints(2, 3) },
  },
  {
    name: 'with strides, pads and dilations',
    input: [2, 2, 9, 8],
    weight: [2, 2, 3, 2],
    output: [2, 2, 4, 4],
    attributes: { strides: of.ints(2, 2), pads: of.ints(1, 1, 1, 1), dilations: of.ints(2, 3) },
  },
  {
    name: 'with groups',
    input: [2, 4, 4, 3],
    weight: [4, 2, 3, 3],
    output: [2, 4, 4, 3],
    attributes: { group: of.int(2), pads: of.ints(1, 1, 1, 1) },
  },
  {
    name: 'by channel, with strides',
    input: [2, 3, 6, 6],
    weight: [3, 1, 3, 3],
    output: [2, 3, 3, 3],
    attributes: { group: of.int(3), pads: of.ints(1, 1, 1, 1), strides: of.ints(2, 2) },
  },
  {
    name: 'in one dimension',
    input: [2, 2, 9],
    weight: [3, 2, 4],
    output: [2, 3, 4],
    attributes: { strides: of.ints(2), pads: of.ints(1, 0) },
  },
]

const turned: readonly Convolution[] = [
  {
    name: 'with strides',
    input: [2, 3, 3, 4],
    weight: [3, 2, 3, 3],
    output: [2, 2, 7, 9],
    attributes: { strides: of.ints(2, 2) },
  },
  {
    name: 'with pads and a rest',
    input: [2, 2, 3, 3],
    weight: [2, 3, 3, 3],
    output: [2, 3, 6, 6],
    attributes: { strides: of.ints(2, 2), pads: of.ints(1, 1, 1, 1), output_padding: of.ints(1, 1) },
  },
]

const pools: readonly RuleCase[] = [
  single(
    'MaxPool',
    { kernel_shape: of.ints(2, 2), strides: of.ints(2, 2) },
    { input: [2, 2, 4, 6], output: [2, 2, 2, 3] },
  ),
  single(
    'MaxPool',
    { kernel_shape: of.ints(3, 3), strides: of.ints(2, 2), pads: of.ints(1, 1, 1, 1) },
    { input: [2, 2, 6, 5], output: [2, 2, 3, 3] },
  ),
  single(
    'MaxPool',
    { kernel_shape: of.ints(2, 2), strides: of.ints(2, 2), ceil_mode: of.int(1) },
    { input: [1, 2, 5, 5], output: [1, 2, 3, 3] },
  ),
  single('MaxPool', { kernel_shape: of.ints(2), strides: of.ints(3) }, { input: [2, 2, 9], output: [2, 2, 3] }),
  single(
    'AveragePool',
    { kernel_shape: of.ints(2, 2), strides: of.ints(2, 2) },
    { input: [2, 2, 5, 4], output: [2, 2, 2, 2] },
  ),
  single(
    'AveragePool',
    { kernel_shape: of.ints(3, 3), strides: of.ints(2, 2), pads: of.ints(1, 1, 1, 1) },
    { input: [2, 2, 5, 6], output: [2, 2, 3, 3] },
  ),
  single(
    'AveragePool',
    { kernel_shape: of.ints(3, 3), pads: of.ints(1, 1, 1, 1), count_include_pad: of.int(1) },
    { input: [1, 2, 4, 4], output: [1, 2, 4, 4] },
  ),
  single('GlobalAveragePool', {}, { input: [2, 3, 4, 2], output: [2, 3, 1, 1] }),
  single('GlobalMaxPool', {}, { input: [2, 3, 4, 2], output: [2, 3, 1, 1] }),
]

const statistics = {
  mean: { shape: [3], values: [0.1, -0.2, 0.3] },
  variance: { shape: [3], values: [0.5, 1.5, 0.9] },
}
const channels = { scale: [3], bias: [3] }
const normalised = (operator: string, more: Partial<RuleCase>): RuleCase => ({
  name: operator,
  input: [2, 3, 2, 3],
  output: [2, 3, 2, 3],
  weights: channels,
  nodes: [step(operator, ['h', 'scale', 'bias'])],
  ...more,
})
const batch = {
  nodes: [step('BatchNormalization', ['h', 'scale', 'bias', 'mean', 'variance'], { epsilon: of.float(0.001) })],
}

const normalisations: readonly RuleCase[] = [
  normalised('BatchNormalization', { ...batch, name: 'BatchNormalization, frozen', floats: statistics }),
  normalised('BatchNormalization', {
    ...batch,
    name: 'BatchNormalization in training',
    floats: statistics,
    isBatch: true,
  }),
  normalised('BatchNormalization', {
    ...batch,
    name: 'BatchNormalization of rows in training',
    floats: statistics,
    isBatch: true,
    input: [5, 3],
    output: [5, 3],
  }),
  normalised('LayerNormalization', { weights: { scale: [3], bias: [3] } }),
  normalised('LayerNormalization', {
    name: 'LayerNormalization over two axes, without a bias',
    weights: { scale: [2, 3] },
    nodes: [step('LayerNormalization', ['h', 'scale'], { axis: of.int(2), epsilon: of.float(0.01) })],
  }),
  normalised('InstanceNormalization', {}),
  normalised('GroupNormalization', {
    opset: 21,
    input: [2, 4, 3],
    output: [2, 4, 3],
    weights: { scale: [4], bias: [4] },
    nodes: [step('GroupNormalization', ['h', 'scale', 'bias'], { num_groups: of.int(2) })],
  }),
]

export const layerCases: readonly RuleCase[] = [
  gemm('with a bias of a vector', {}, [4, 5], [5]),
  gemm('with a bias of a row', { transB: of.int(1) }, [5, 4], [1, 5]),
  gemm('with a bias of a column, alpha and beta', { alpha: of.float(0.5), beta: of.float(2) }, [4, 5], [3, 1]),
  gemm('with a scalar bias of one element', {}, [4, 5], [1]),
  gemm('without a bias', {}, [4, 5]),
  {
    name: 'Gemm with a transposed left side',
    input: [4, 3],
    output: [3, 8],
    weights: { w: [8, 4] },
    nodes: [step('Gemm', ['h', 'w'], { transA: of.int(1), transB: of.int(1) })],
  },
  {
    name: 'MatMul of matrices',
    input: [3, 4],
    output: [3, 5],
    weights: { w: [4, 5] },
    nodes: [step('MatMul', ['h', 'w'])],
  },
  {
    name: 'MatMul of a stack and a matrix',
    input: [2, 3, 4],
    output: [2, 3, 5],
    weights: { w: [4, 5] },
    nodes: [step('MatMul', ['h', 'w'])],
  },
  {
    name: 'MatMul of stacks, one repeated',
    input: [2, 3, 4],
    output: [2, 2, 3, 5],
    weights: { w: [2, 1, 4, 5] },
    nodes: [step('MatMul', ['h', 'w'])],
  },
  ...convolutions.map((each) => conv('Conv', each)),
  ...turned.map((each) => conv('ConvTranspose', each)),
  ...pools,
  ...normalisations,
]
