/** Cases of functions of elements, sums and products. */
import { of, type RuleCase, single, step } from './rule-case.ts'

const positive = { between: [0.5, 2] } as const

/** Both operands are weights: one has the shape of the result, the other is repeated. */
const binary = (operator: string, more: Partial<RuleCase> = {}): RuleCase[] => [
  {
    name: `${operator} of equal shapes`,
    input: [3, 4],
    output: [3, 4],
    weights: { w: [3, 4] },
    nodes: [step(operator, ['h', 'w'])],
    ...more,
  },
  {
    name: `${operator}, the right side repeated`,
    input: [2, 3, 4],
    output: [2, 3, 4],
    weights: { w: [3, 1] },
    nodes: [step(operator, ['h', 'w'])],
    ...more,
  },
  {
    name: `${operator}, the left side repeated`,
    input: [2, 3, 4],
    output: [2, 3, 4],
    weights: { w: [4] },
    nodes: [step(operator, ['w', 'h'])],
    ...more,
  },
]

export const elementCases: readonly RuleCase[] = [
  ...['Add', 'Sub', 'Mul', 'Max', 'Min'].flatMap((operator) => binary(operator)),
  ...binary('Div', positive),
  { ...single('Add'), name: 'Add of a value and itself', nodes: [step('Add', ['h', 'h'])] },
  ...[2, 3, 0.5].map((power) =>
    single(
      'Pow',
      {},
      {
        name: `Pow with the exponent ${power}`,
        nodes: [step('Pow', ['h', 'power'])],
        floats: { power: { shape: [], values: [power] } },
        ...positive,
      },
    ),
  ),
  ...['Neg', 'Abs', 'Exp', 'Relu', 'Sigmoid', 'Tanh', 'Softplus', 'Erf', 'Identity', 'Dropout'].map((operator) =>
    single(operator),
  ),
  ...['Log', 'Sqrt', 'Reciprocal'].map((operator) => single(operator, {}, positive)),
  single('LeakyRelu'),
  single('LeakyRelu', { alpha: of.float(0.25) }),
  single('Elu', { alpha: of.float(0.5) }),
  single('HardSigmoid', { alpha: of.float(0.75), beta: of.float(0.5) }),
  single('HardSwish', {}, { between: [-4, 4] }),
  single('Gelu', {}, { opset: 20 }),
  single('Gelu', { approximate: of.text('tanh') }, { opset: 20 }),
  single(
    'Clip',
    {},
    {
      nodes: [step('Clip', ['h', 'low', 'high'])],
      floats: { low: { shape: [], values: [-0.5] }, high: { shape: [], values: [0.25] } },
    },
  ),
  single(
    'Clip',
    {},
    {
      name: 'Clip with an upper bound only',
      nodes: [step('Clip', ['h', '', 'high'])],
      floats: { high: { shape: [], values: [0.25] } },
    },
  ),
  single('PRelu', {}, { nodes: [step('PRelu', ['h', 'w'])], weights: { w: [4] } }),
  single('Softmax'),
  single('Softmax', { axis: of.int(1) }, { input: [2, 3, 4], output: [2, 3, 4] }),
  single('LogSoftmax'),
  single('LogSoftmax', { axis: of.int(0) }),
  single(
    'Where',
    {},
    {
      nodes: [step('Greater', ['h', 'zero'], {}, ['c']), step('Where', ['c', 'h', 'w'])],
      weights: { w: [4] },
      floats: { zero: { shape: [], values: [0] } },
    },
  ),
  single('Cast', { to: of.int(1) }),
  ...['ReduceSum', 'ReduceMean'].flatMap((operator) => [
    single(
      operator,
      {},
      {
        name: `${operator} of all axes`,
        nodes: [step(operator, ['h'], { keepdims: of.int(0) }, ['sum']), step('Mul', ['h', 'sum'])],
      },
    ),
    single(
      operator,
      {},
      {
        name: `${operator}, axes as an input`,
        opset: 18,
        input: [2, 3, 4],
        output: [2, 4],
        nodes: [step(operator, ['h', 'axes'], { keepdims: of.int(0) })],
        ints: { axes: [-2] },
      },
    ),
  ]),
  single('ReduceMean', { axes: of.ints(2), keepdims: of.int(1) }, { input: [2, 3, 4], output: [2, 3, 1] }),
]
