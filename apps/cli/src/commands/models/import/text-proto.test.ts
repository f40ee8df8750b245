import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseTextProto } from './text-proto.ts'

test('a configuration of Triton is read with its messages, lists, comments and texts', () => {
  const source = `
    name: "simple" # the model
    platform: 'onnxruntime_onnx'
    max_batch_size: 8
    input [
      { name: "INPUT0" data_type: TYPE_FP32 dims: [ -1, 16 ] },
      { name: "INPUT1", data_type: TYPE_INT32; dims: 16 }
    ]
    output { name: "OUT" "PUT" data_type: TYPE_FP32 dims: [] }
    version_policy: { specific { versions: [1, 3] } }
    dynamic_batching { }
    eager < on: true >
  `
  expect(parseTextProto(source)).toEqual({
    ok: true,
    message: {
      name: ['simple'],
      platform: ['onnxruntime_onnx'],
      max_batch_size: [8],
      input: [
        { name: ['INPUT0'], data_type: ['TYPE_FP32'], dims: [-1, 16] },
        { name: ['INPUT1'], data_type: ['TYPE_INT32'], dims: [16] },
      ],
      output: [{ name: ['OUTPUT'], data_type: ['TYPE_FP32'], dims: [] }],
      version_policy: [{ specific: [{ versions: [1, 3] }] }],
      dynamic_batching: [{}],
      eager: [{ on: [true] }],
    },
  })
})

test.each([
  ['name "x"', 'line 1: a value is missing'],
  ['a: 1\nb: [1 2]', 'line 2: a list lacks a comma or its end'],
  ['a {', 'line 1: the name of a field is missing'],
  ['a: "never ends', 'line 1: an unknown character'],
  ['a }', 'line 1: a value is missing'],
  ['a {'.repeat(40), 'line 1: messages are nested too deeply'],
])('%j is no configuration', (source, message) => {
  expect(parseTextProto(source)).toEqual({ ok: false, message })
})

test('a field never becomes a part of all objects', () => {
  const parsed = parseTextProto('__proto__ { isOwner: true }')
  expect(parsed.ok).toBe(true)
  expect(({} as { isOwner?: unknown }).isOwner).toBeUndefined()
})

test('any text is read or refused, and nothing else happens', () => {
  const pieces = fc.constantFrom('a', ':', '{', '}', '[', ']', '"b"', ',', '1', '<', '>', '#', '\n', '\\', '"')
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(pieces).map((parts) => parts.join(' ')),
      ),
      (source) => {
        expect(typeof parseTextProto(source).ok).toBe('boolean')
      },
    ),
  )
})
