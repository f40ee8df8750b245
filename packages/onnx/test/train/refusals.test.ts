/**
 * Models and plans that cannot be trained: each refusal names its reason, and the operator and node if there is one.
 */
import { describe, expect, test } from 'vitest'
import { buildModel, float32Tensor, type ModelParts, type NodePart } from '../../src/build.ts'
import { TensorProto_DataLocation } from '../../src/generated/onnx_pb.ts'
import { readModel } from '../../src/read.ts'
import { evaluationModel } from '../../src/train/evaluation-model.ts'
import { readParameters, writeParameters } from '../../src/train/parameters.ts'
import { isTrainingRefusal, type TrainingPlan } from '../../src/train/plan.ts'
import { trainingModel } from '../../src/train/training-model.ts'
import { writeModel } from '../../src/write.ts'

const plan: TrainingPlan = { loss: 'mse', optimiser: { name: 'sgd' }, input: { dataType: 'float32' }, batchSize: 4 }
const node = (operator: string, inputs: string[], outputs: string[], more: Partial<NodePart> = {}): NodePart => ({
  operator,
  inputs,
  outputs,
  ...more,
})
const w = float32Tensor('w', [3, 2], Float32Array.of(1, 2, 3, 4, 5, 6))

const modelOf = (parts: Partial<ModelParts> = {}): Uint8Array =>
  writeModel(
    buildModel({
      nodes: [node('MatMul', ['x', 'w'], ['y'])],
      initialisers: [w],
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
      ...parts,
    }),
  )

/** The product `h`, and these nodes behind it. */
const behind = (nodes: NodePart[], parts: Partial<ModelParts> = {}) =>
  modelOf({ nodes: [node('MatMul', ['x', 'w'], ['h']), ...nodes], ...parts })

const float = (name: string, shape: number[]) => ({ name, datatype: 'FP32' as const, shape })
const branch = { graph: { nodes: [node('Identity', ['h'], ['a'])], inputs: [], outputs: [float('a', [-1, 2])] } }
const ones = (length: number) => new Float32Array(length).fill(1)
const floats = (name: string, shape: number[]) => float32Tensor(name, shape, ones(shape.reduce((a, b) => a * b, 1)))

type Refused = {
  name: string
  model: Uint8Array
  plan?: Partial<TrainingPlan>
  refused: string
  operator?: string
  says?: RegExp
}

const cases: readonly Refused[] = [
  { name: 'bytes that are no model', model: new Uint8Array([1, 2, 3]), refused: 'unreadable_model' },
  {
    name: 'an operator without a rule',
    model: behind([node('Round', ['h'], ['y'], { name: 'round it' })]),
    refused: 'unsupported_operator',
    operator: 'Round',
    says: /round it/,
  },
  {
    name: 'an operator of another domain',
    model: behind([node('Relu', ['h'], ['y'], { domain: 'com.example' })], {
      opsets: { 'ai.onnx': 18, 'com.example': 1 },
    }),
    refused: 'unsupported_operator',
    operator: 'Relu',
    says: /com\.example/,
  },
  {
    name: 'a quantised model',
    model: behind([node('QuantizeLinear', ['h', 's'], ['q']), node('DequantizeLinear', ['q', 's'], ['y'])], {
      initialisers: [w, float32Tensor('s', [], Float32Array.of(0.1))],
    }),
    refused: 'unsupported_operator',
    operator: 'QuantizeLinear',
  },
  {
    name: 'a branch',
    model: behind([
      node('Greater', ['h', 'h'], ['c']),
      node('If', ['c'], ['y'], { attributes: { then_branch: branch, else_branch: branch } }),
    ]),
    refused: 'unsupported_subgraph',
    operator: 'If',
  },
  {
    name: 'a setting of an operator',
    model: behind([node('Pad', ['h', 'pads'], ['y'], { attributes: { mode: { text: 'reflect' } } })], {
      initialisers: [w, { name: 'pads', datatype: 'INT64', shape: [4], data: new Uint8Array(32) }],
    }),
    refused: 'unsupported_setting',
    operator: 'Pad',
    says: /mode/,
  },
  {
    name: 'a shape that holds the number of rows',
    model: behind([node('Reshape', ['h', 'to'], ['y'])], {
      initialisers: [
        w,
        { name: 'to', datatype: 'INT64', shape: [2], data: new Uint8Array(BigInt64Array.of(1n, 2n).buffer) },
      ],
    }),
    refused: 'unsupported_setting',
    operator: 'Reshape',
    says: /number of rows/,
  },
  {
    name: 'sequences that are too long to unroll',
    model: modelOf({
      nodes: [
        node('Transpose', ['x'], ['t'], { attributes: { perm: { ints: [1, 0, 2] } } }),
        node('RNN', ['t', 'wx', 'wh'], ['', 'y'], { attributes: { hidden_size: { int: 2 } } }),
      ],
      initialisers: [floats('wx', [1, 2, 3]), floats('wh', [1, 2, 2])],
      inputs: [float('x', [-1, 300, 3])],
    }),
    refused: 'unsupported_setting',
    operator: 'RNN',
    says: /300 time steps/,
  },
  {
    name: 'features of no fixed size',
    model: modelOf({ inputs: [float('x', [-1, -1])] }),
    refused: 'unknown_shape',
    says: /"x"/,
  },
  {
    name: 'rows of another shape than the input',
    model: modelOf(),
    plan: { input: { dataType: 'float32', shape: [4] } },
    refused: 'unknown_shape',
    says: /\[4\]/,
  },
  {
    name: 'a window that would fill the memory',
    model: modelOf({
      nodes: [
        node('Mul', ['x', 'scale'], ['h']),
        node('AveragePool', ['h'], ['y'], { attributes: { kernel_shape: { ints: [1e9] }, pads: { ints: [1e9, 0] } } }),
      ],
      initialisers: [floats('scale', [2, 1])],
      inputs: [float('x', [-1, 2, 8])],
    }),
    refused: 'unsupported_setting',
    operator: 'AveragePool',
    says: /65,536 places/,
  },
  {
    name: 'a tensor that fits nowhere',
    model: behind([node('Pad', ['h', 'pads'], ['y'])], {
      initialisers: [
        w,
        {
          name: 'pads',
          datatype: 'INT64',
          shape: [4],
          data: new Uint8Array(BigInt64Array.of(0n, 0n, 0n, 10n ** 9n).buffer),
        },
      ],
    }),
    refused: 'unknown_shape',
    operator: 'Pad',
  },
  {
    name: 'statistics that were exported in training',
    model: behind(
      [node('BatchNormalization', ['h', 'b', 'b', 'b', 'b'], ['y'], { attributes: { training_mode: { int: 1 } } })],
      { initialisers: [w, floats('b', [2])] },
    ),
    plan: { batchNormalization: 'training' },
    refused: 'unsupported_setting',
    operator: 'BatchNormalization',
  },
  {
    name: 'several inputs',
    model: behind([node('Add', ['h', 'z'], ['y'])], { inputs: [float('x', [-1, 3]), float('z', [-1, 2])] }),
    refused: 'unsupported_setting',
    says: /2 inputs/,
  },
  {
    name: 'several outputs without a choice',
    model: behind([node('Relu', ['h'], ['y']), node('Tanh', ['h'], ['z'])], {
      outputs: [float('y', [-1, 2]), float('z', [-1, 2])],
    }),
    refused: 'unknown_output',
    says: /"y", "z"/,
  },
  {
    name: 'an output that nothing computes',
    model: modelOf(),
    plan: { output: 'other' },
    refused: 'unknown_output',
    says: /"other"/,
  },
  {
    name: 'a frozen weight that is not there',
    model: modelOf(),
    plan: { frozen: ['v'] },
    refused: 'unknown_weight',
    says: /"v"/,
  },
  { name: 'no weight that is left', model: modelOf(), plan: { frozen: ['w'] }, refused: 'no_parameters' },
  {
    name: 'classes of a map',
    model: modelOf({ inputs: [float('x', [-1, 5, 3])], outputs: [float('y', [-1, 5, 2])] }),
    plan: { loss: 'cross-entropy' },
    refused: 'loss_mismatch',
    says: /\[4, 5, 2\]/,
  },
  {
    name: 'an output without rows',
    model: behind([node('ReduceSum', ['h'], ['y'], { attributes: { keepdims: { int: 0 } } })]),
    refused: 'loss_mismatch',
  },
  { name: 'a batch of nothing', model: modelOf(), plan: { batchSize: 0 }, refused: 'invalid_plan' },
  {
    name: 'a momentum of one',
    model: modelOf(),
    plan: { optimiser: { name: 'sgd', momentum: 1 } },
    refused: 'invalid_plan',
  },
  {
    name: 'a scale that is no number',
    model: modelOf(),
    plan: { input: { dataType: 'uint8', scale: Number.NaN } },
    refused: 'invalid_plan',
  },
  {
    name: 'an operator set that is too old',
    model: modelOf({ opsets: { 'ai.onnx': 5 } }),
    refused: 'unsupported_opset',
  },
]

describe('a training is refused for', () => {
  test.each(cases)('$name', ({ model, plan: own, refused, operator, says }) => {
    const found = trainingModel(model, { ...plan, ...own })
    expect(found).toMatchObject({ refused, ...(operator && { operator }) })
    if (!isTrainingRefusal(found)) throw new Error('the model was not refused')
    if (operator) expect(found.node).toBeTruthy()
    if (says) expect(found.message).toMatch(says)
    expect(evaluationModel(model, { ...plan, ...own })).toEqual(found)
  })
})

describe('weights beside the model', () => {
  const bytes = outside()
  const files = new Map([['weights.bin', new Uint8Array(Float32Array.of(6, 5, 4, 3, 2, 1).buffer)]])

  function outside(): Uint8Array {
    const model = readModel(modelOf())
    if (!model.ok) throw new Error(model.message)
    const [tensor] = model.value.graph.initializer
    if (!tensor) throw new Error('the model has no weight')
    tensor.rawData = new Uint8Array()
    tensor.dataLocation = TensorProto_DataLocation.EXTERNAL
    tensor.externalData = [{ $typeName: 'onnx.StringStringEntryProto', key: 'location', value: 'weights.bin' }]
    return writeModel(model.value)
  }

  test('a training model needs only the shape of a weight that it trains', () => {
    expect(trainingModel(bytes, plan)).toMatchObject({ parameters: [{ name: 'w', shape: [3, 2] }] })
  })

  test('a frozen weight is needed, and its file is enough', () => {
    const frozen = behindWeight()
    expect(trainingModel(frozen, { ...plan, frozen: ['w'] })).toMatchObject({ refused: 'external_weight' })
    expect(trainingModel(frozen, { ...plan, frozen: ['w'] }, files)).toMatchObject({ parameters: [{ name: 'b' }] })
  })

  test('weights are read from their file, and written into the model', () => {
    expect(readParameters(bytes, ['w'], files)).toEqual(new Map([['w', Float32Array.of(6, 5, 4, 3, 2, 1)]]))
    const written = writeParameters(bytes, new Map([['w', Float32Array.of(1, 1, 1, 2, 2, 2)]]), files)
    expect(readParameters(written, ['w'])).toEqual(new Map([['w', Float32Array.of(1, 1, 1, 2, 2, 2)]]))
  })

  function behindWeight(): Uint8Array {
    const model = readModel(bytes)
    const summand = readModel(behind([node('Add', ['h', 'b'], ['y'])], { initialisers: [w, floats('b', [2])] }))
    if (!model.ok || !summand.ok) throw new Error('a model cannot be read')
    const { graph } = summand.value
    graph.initializer = [...model.value.graph.initializer, ...graph.initializer.slice(1)]
    return writeModel(summand.value)
  }
})

test('names that the model does not have are an error of the caller', () => {
  expect(() => readParameters(modelOf(), ['v'])).toThrow(/"v"/)
  expect(() => writeParameters(modelOf(), new Map([['v', ones(1)]]))).toThrow(/"v"/)
  expect(() => writeParameters(modelOf(), new Map([['w', ones(1)]]))).toThrow(/6 values/)
})

test('numbers of formulas are no weights: scalars, and constants of one element', () => {
  const one = { datatype: 'FP32' as const, shape: [1], data: new Uint8Array(Float32Array.of(2).buffer) }
  const model = behind(
    [
      node('Constant', [], ['two'], { attributes: { value: { tensor: one } } }),
      node('Mul', ['h', 'two'], ['a']),
      node('Mul', ['a', 'half'], ['b']),
      node('Add', ['b', 'bias'], ['y']),
    ],
    { initialisers: [w, float32Tensor('half', [], Float32Array.of(0.5)), floats('bias', [2])] },
  )
  const found = trainingModel(model, plan)
  if (isTrainingRefusal(found)) throw new Error(found.message)
  expect(found.parameters.map(({ name }) => name)).toEqual(['w', 'bias'])
})

test('the names of a model do not meet those of its training model', () => {
  const names = ['data', 'labels', 'perm', 'lr', 'loss', 'w/w', 'g/Gemm_0']
  const nodes = names.map((name, index) => node('Relu', [names[index - 1] ?? 'h'], [name]))
  const found = trainingModel(behind([...nodes, node('Relu', ['g/Gemm_0'], ['y'])]), plan)
  expect(isTrainingRefusal(found)).toBe(false)
})
