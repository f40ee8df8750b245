/** Models that `summarise` rejects, beyond broken bytes: each row is a model that is right but for one thing. */
import { create } from '@bufbuild/protobuf'
import { expect, test } from 'vitest'
import { changed, node, tensor, weight } from '../test/changed-model.ts'
import { buildModel, type NodePart } from './build.ts'
import { OperatorSetIdProtoSchema, type TensorProto, type TypeProto } from './generated/onnx_pb.ts'
import { summariseModel } from './summary.ts'

const nodes = (...list: NodePart[]) => changed({ nodes: list })
const inputType = (value: TypeProto['value']) =>
  changed({}, ({ graph }) => {
    const type = graph.input[0]?.type
    if (type) type.value = value
  })
const weightIs = (edit: (w: TensorProto) => void) => changed({}, (_, w) => edit(w))
const tensorType = (elemType: number) =>
  ({ case: 'tensorType', value: { $typeName: 'onnx.TypeProto.Tensor', elemType } }) as TypeProto['value']

test('the model that every row changes is accepted', () => {
  expect(changed({})).toMatchObject({ ok: true, value: { parameterCount: 2, inputs: [tensor('x')] } })
})

test.each([
  ['two inputs of one name', () => changed({ inputs: [tensor('x'), tensor('x')] }), 'two inputs are called "x"'],
  ['two outputs of one name', () => changed({ outputs: [tensor('y'), tensor('y')] }), 'two outputs are called "y"'],
  [
    'two initialisers of one name',
    () => changed({ initialisers: [weight('w'), weight('w')] }),
    'two initialisers are called "w"',
  ],
  [
    'a value computed twice',
    () => nodes(node('Relu', ['x'], ['y']), node('Abs', ['x'], ['y'])),
    'node "y" (Abs) gives "y", which is defined already',
  ],
  [
    'two nodes of one name',
    () => nodes(node('Relu', ['x'], ['z'], { name: 'n' }), node('Abs', ['z'], ['y'], { name: 'n' })),
    'two nodes are called "n"',
  ],
  ['an undefined name', () => nodes(node('Add', ['x', 'q'], ['y'])), 'node "y" (Add) reads "q", which nothing defines'],
  [
    'a name of a subgraph used outside',
    () =>
      nodes(
        node('Identity', ['inner'], ['y']),
        node('If', ['x'], ['z'], {
          attributes: { then_branch: { graph: { nodes: [node('Relu', ['x'], ['inner'])], inputs: [], outputs: [] } } },
        }),
      ),
    'reads "inner", which nothing defines',
  ],
  [
    'a name of the graph used in a function',
    () =>
      changed({
        nodes: [node('F', ['x'], ['y'], { domain: 'a' })],
        opsets: { 'ai.onnx': 18, a: 1 },
        functions: [{ domain: 'a', name: 'F', inputs: ['i'], outputs: ['o'], nodes: [node('Add', ['i', 'w'], ['o'])] }],
      }),
    'reads "w", which nothing defines',
  ],
  ['no outputs', () => changed({ outputs: [] }), 'the model has no outputs'],
  [
    'an output that nothing computes',
    () => changed({ outputs: [tensor('nope')] }),
    'output "nope" is not computed by any node',
  ],
  ['a node without an operator', () => nodes(node('', ['x'], ['y'])), 'has no name of an operator'],
  [
    'one domain in two versions',
    () => changed({}, (model) => model.opsetImport.push(create(OperatorSetIdProtoSchema, { version: 12n }))),
    'imports "ai.onnx" twice, in versions 18 and 12',
  ],
  [
    'too few weights',
    () =>
      weightIs((w) => {
        w.rawData = w.rawData.subarray(0, 5)
      }),
    'initialiser "w" holds 5 bytes where its shape needs 8',
  ],
  [
    'no weights',
    () =>
      weightIs((w) => {
        w.rawData = new Uint8Array(0)
      }),
    'initialiser "w" holds 0 values where its shape needs 2',
  ],
  [
    'a negative dimension',
    () =>
      weightIs((w) => {
        w.dims = [-2n]
      }),
    'initialiser "w" has shape [-2], which no tensor can have',
  ],
  [
    'a shape beyond all bounds',
    () =>
      weightIs((w) => {
        w.dims = [2n ** 40n, 2n ** 40n]
      }),
    'which no tensor can have',
  ],
  [
    'an unknown element type',
    () =>
      weightIs((w) => {
        w.dataType = 99
      }),
    'initialiser "w" has element type 99',
  ],
])('refuses %s', (_, summary, message) => {
  expect(summary()).toMatchObject({ ok: false, code: 'model_not_onnx', message: expect.stringContaining(message) })
})

test.each([
  [
    'bfloat16',
    () => changed({ inputs: [tensor('x', [1], 'BF16')] }),
    'input "x" is bfloat16, which cannot be sent to a runtime',
  ],
  ['float8', () => inputType(tensorType(17)), 'input "x" is float8e4m3fn'],
  ['int4', () => inputType(tensorType(22)), 'input "x" is int4'],
  ['complex64', () => inputType(tensorType(14)), 'input "x" is complex64'],
  ['an undefined type', () => inputType(tensorType(0)), 'input "x" has element type 0'],
  ['no shape', () => inputType(tensorType(1)), 'input "x" has no shape; export the model with one'],
  ['no type', () => inputType({ case: undefined }), 'input "x" has no type'],
  [
    'a sequence',
    () => inputType({ case: 'sequenceType', value: { $typeName: 'onnx.TypeProto.Sequence' } }),
    'input "x" is a sequence',
  ],
  [
    'a map',
    () => inputType({ case: 'mapType', value: { $typeName: 'onnx.TypeProto.Map', keyType: 7 } }),
    'input "x" is a map',
  ],
  [
    'an optional',
    () => inputType({ case: 'optionalType', value: { $typeName: 'onnx.TypeProto.Optional' } }),
    'input "x" is optional',
  ],
  ['no name', () => changed({ inputs: [tensor('x'), tensor('')] }), 'input "" has no name'],
  [
    'nine dimensions',
    () =>
      changed({
        inputs: [
          tensor(
            'x',
            Array.from({ length: 9 }, () => 1),
          ),
        ],
      }),
    'input "x" has 9 dimensions',
  ],
  [
    'three gigabytes',
    () => changed({ inputs: [tensor('x', [3, 2 ** 28])] }),
    'input "x" of shape [3, 268435456] takes over 2 GiB',
  ],
  ['an unservable output', () => changed({ outputs: [tensor('y', [1], 'BF16')] }), 'output "y" is bfloat16'],
])('refuses an input or output that is or has %s', (_, summary, message) => {
  expect(summary()).toMatchObject({
    ok: false,
    code: 'model_input_unsupported',
    message: expect.stringContaining(message),
  })
})

test('too many inputs, operators or files are rejected, not cut', () => {
  const inputs = Array.from({ length: 1_025 }, (_, index) => tensor(`x${index}`))
  expect(changed({ inputs: [tensor('x'), ...inputs] })).toMatchObject({ code: 'model_too_complex' })
})

test('an output may leave its rank to the runtime', () => {
  const model = buildModel({ nodes: [node('Relu', ['x'], ['y'])], inputs: [tensor('x')], outputs: [tensor('y')] })
  const type = model.graph.output[0]?.type
  if (type) type.value = tensorType(1)
  expect(summariseModel(model, new Map())).toMatchObject({
    value: { outputs: [tensor('y', [])], unrankedOutputs: ['y'] },
  })
})
