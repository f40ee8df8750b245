import { create } from '@bufbuild/protobuf'
import { expect, test } from 'vitest'
import { changed, node, weight } from '../test/changed-model.ts'
import { storedTensors } from './body.ts'
import type { ModelParts } from './build.ts'
import { StringStringEntryProtoSchema, type TensorProto, TensorProto_DataLocation } from './generated/onnx_pb.ts'

type Entry = [key: string, value: string]

function moveOut(tensor: TensorProto, entries: readonly Entry[]) {
  tensor.rawData = new Uint8Array(0)
  tensor.dataLocation = TensorProto_DataLocation.EXTERNAL
  tensor.externalData = entries.map(([key, value]) => create(StringStringEntryProtoSchema, { key, value }))
}

const external = (...entries: Entry[]) => changed({}, (_, w) => moveOut(w, entries))

test.each([
  ['without a file', external(['offset', '0']), 'does not name it'],
  [
    'of another length',
    external(['location', 'weights.bin'], ['length', '9']),
    'states "9" bytes where its shape needs 8',
  ],
  ['with a key alone', external(['location', 'weights.bin'], ['checksum', '']), 'has no value'],
  ['with a value alone', external(['location', 'weights.bin'], ['', 'x']), 'has no key'],
  ['at a negative offset', external(['location', 'weights.bin'], ['offset', '-4']), 'has the offset "-4"'],
  ['in two places', external(['location', 'weights.bin'], ['location', '/etc/passwd']), 'repeats an entry'],
])('refuses external data %s', (_, summary, message) => {
  expect(summary).toMatchObject({ ok: false, code: 'model_not_onnx', message: expect.stringContaining(message) })
})

test.each([
  '/etc/passwd',
  '../weights.bin',
  'a/../../b',
  'C:\\weights.bin',
  '*/_ORT_MEM_ADDR_/*',
  './weights.bin',
  'a//b',
  'a\nb',
])('refuses external data at %j', (location) => {
  expect(external(['location', location])).toMatchObject({
    ok: false,
    code: 'model_path_unsafe',
    message: expect.stringContaining('initialiser "w"'),
  })
})

test('names the file with external data that is missing or too short', () => {
  expect(external(['location', 'other.bin'])).toMatchObject({
    code: 'model_incomplete',
    message: expect.stringContaining('"other.bin"; push that file'),
  })
  expect(external(['location', 'weights.bin'], ['offset', '96'], ['length', '8'])).toMatchObject({
    code: 'model_incomplete',
    message: expect.stringContaining('takes bytes 96 to 104 of "weights.bin", which has 100'),
  })
})

test('reports how much of each external file a model needs', () => {
  expect(external(['location', 'weights.bin'], ['offset', '92'])).toMatchObject({
    value: { externalFiles: [{ path: 'weights.bin', sizeBytes: 100 }], parameterCount: 2 },
  })
})

test('weights cannot hide in a subgraph, a constant or a function', () => {
  const value = weight('')
  const constant = node('Constant', [], ['k'], { attributes: { value: { tensor: value } } })
  const branch = { nodes: [node('Neg', ['x'], ['z'])], inputs: [], outputs: [], initialisers: [weight('hidden')] }
  const cases: Partial<ModelParts>[] = [
    { nodes: [constant, node('Add', ['x', 'k'], ['y'])] },
    { nodes: [node('If', ['x'], ['y'], { attributes: { then_branch: { graph: branch } } })] },
    {
      functions: [
        { domain: 'a', name: 'F', inputs: ['i'], outputs: ['o'], nodes: [constant, node('Add', ['i', 'k'], ['o'])] },
      ],
    },
  ]
  for (const parts of cases) {
    const summary = changed(parts, (model, w) => {
      const hidden = [...storedTensors(model)].filter(({ tensor }) => tensor !== w)
      expect(hidden.length).toBe(1)
      for (const { tensor } of hidden) moveOut(tensor, [['location', '../secret']])
    })
    expect(summary).toMatchObject({ ok: false, code: 'model_path_unsafe' })
  }
})
