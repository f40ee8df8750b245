/** Cases of operators that move elements, and of recurrent layers. */
import { of, type RuleCase, single, step } from './rule-case.ts'

const recurrent = (
  operator: string,
  gates: number,
  more: Partial<RuleCase> & { settings?: RuleCase['nodes'][number]['attributes'] } = {},
): RuleCase => ({
  name: operator,
  input: [3, 2, 4],
  output: [3, 1, 2, 3],
  weights: { w: [1, gates * 3, 4], r: [1, gates * 3, 3], b: [1, gates * 6] },
  nodes: [step(operator, ['h', 'w', 'r', 'b'], { hidden_size: of.int(3), ...more.settings })],
  ...more,
})

const twoWays = (operator: string, gates: number): RuleCase =>
  recurrent(operator, gates, {
    name: `${operator} in both directions, with a start, its last state`,
    output: [2, 2, 3],
    weights: { w: [2, gates * 3, 4], r: [2, gates * 3, 3], b: [2, gates * 6], start: [2, 2, 3] },
    nodes: [
      step(
        operator,
        ['h', 'w', 'r', 'b', '', 'start'],
        { hidden_size: of.int(3), direction: of.text('bidirectional') },
        ['', 'y'],
      ),
    ],
  })

export const layoutCases: readonly RuleCase[] = [
  single('Reshape', {}, { output: [3, 2, 2], nodes: [step('Reshape', ['h', 'to'])], ints: { to: [0, -1, 2] } }),
  single('Flatten', { axis: of.int(1) }, { input: [2, 3, 4], output: [2, 12] }),
  single('Flatten', { axis: of.int(-1) }, { input: [2, 3, 4], output: [6, 4] }),
  single('Squeeze', {}, { input: [3, 1, 4], nodes: [step('Squeeze', ['h', 'axes'])], ints: { axes: [1] } }),
  single('Unsqueeze', {}, { output: [3, 1, 4, 1], nodes: [step('Unsqueeze', ['h', 'axes'])], ints: { axes: [1, -1] } }),
  single('Transpose', { perm: of.ints(0, 3, 1, 2) }, { input: [2, 3, 4, 5], output: [2, 5, 3, 4] }),
  single('Transpose', {}, { name: 'Transpose of all axes', output: [4, 3] }),
  single(
    'Concat',
    {},
    {
      name: 'Concat',
      output: [3, 12],
      nodes: [step('Tanh', ['h'], {}, ['a']), step('Concat', ['h', 'a', 'w'], { axis: of.int(-1) })],
      weights: { w: [3, 4] },
    },
  ),
  single(
    'Split',
    {},
    {
      output: [3, 2],
      nodes: [step('Split', ['h', 'lengths'], { axis: of.int(1) }, ['a', 'b', 'c']), step('Mul', ['a', 'c'])],
      input: [3, 5],
      ints: { lengths: [2, 1, 2] },
    },
  ),
  single(
    'Slice',
    {},
    {
      input: [3, 4, 5],
      output: [3, 2, 3],
      nodes: [step('Slice', ['h', 'from', 'to', 'axes'])],
      ints: { from: [1, -4], to: [3, -1], axes: [1, 2] },
    },
  ),
  single(
    'Pad',
    {},
    {
      input: [2, 2, 3],
      output: [2, 3, 6],
      nodes: [step('Pad', ['h', 'pads', 'fill'])],
      ints: { pads: [0, 1, 2, 0, 0, 1] },
      floats: { fill: { shape: [], values: [0.5] } },
    },
  ),
  single(
    'Gather',
    { axis: of.int(1) },
    { output: [3, 3], nodes: [step('Gather', ['h', 'rows'], { axis: of.int(1) })], ints: { rows: [2, 0, 2] } },
  ),
  {
    name: 'Gather of an embedding whose rows repeat',
    input: [3, 5],
    output: [3, 5, 2],
    idsBelow: 4,
    weights: { w: [6, 2] },
    nodes: [step('Gather', ['w', 'x'])],
  },
  single(
    'Expand',
    {},
    { input: [3, 1, 4], output: [3, 2, 4], nodes: [step('Expand', ['h', 'to'])], ints: { to: [2, 4] } },
  ),
  single(
    'Shape',
    {},
    {
      name: 'Shape, Gather, Concat and Reshape as exporters write them',
      input: [2, 3, 4],
      output: [2, 12],
      nodes: [
        step('Shape', ['h'], {}, ['s']),
        step('Gather', ['s', 'first'], {}, ['n']),
        step('Concat', ['n', 'rest'], { axis: of.int(0) }, ['to']),
        step('Reshape', ['h', 'to']),
      ],
      ints: { first: [0], rest: [-1] },
    },
  ),
  recurrent('LSTM', 4),
  recurrent('LSTM', 4, { name: 'LSTM backwards', settings: { direction: of.text('reverse') } }),
  twoWays('LSTM', 4),
  recurrent('GRU', 3),
  recurrent('GRU', 3, { name: 'GRU as PyTorch computes it', settings: { linear_before_reset: of.int(1) } }),
  twoWays('GRU', 3),
  recurrent('RNN', 1),
]
