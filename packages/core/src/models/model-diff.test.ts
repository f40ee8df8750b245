import type { TensorSpec } from '@skerry/contract/models/tensor'
import { Digest } from '@skerry/contract/values/digest'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Comparable, type Difference, diffVersions, isSame } from './model-diff.ts'

const digest = (number: number) => Digest.parse(`sha256:${String(number).padStart(64, '0')}`)

const base: Comparable = {
  files: [
    { path: 'golden.json', digest: digest(1), sizeBytes: 10 },
    { path: 'model.onnx', digest: digest(2), sizeBytes: 100 },
  ],
  sizeBytes: 110,
  goldenCases: 1,
  summary: {
    irVersion: 8,
    producer: 'pytorch 2.6',
    opsets: [{ domain: 'ai.onnx', version: 17 }],
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 8] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
    unrankedOutputs: [],
    operators: [{ domain: 'ai.onnx', name: 'Gemm', count: 4 }],
    parameterCount: 10,
    metadata: [],
    metadataOmittedCount: 0,
    externalFiles: [],
  },
}

const withSummary = (change: Partial<Comparable['summary']>): Comparable => ({
  ...base,
  summary: { ...base.summary, ...change },
})
const x = (change: Partial<TensorSpec>): TensorSpec => ({ name: 'x', datatype: 'FP32', shape: [-1, 8], ...change })
const y = (change: Partial<TensorSpec>): TensorSpec => ({ name: 'y', datatype: 'FP32', shape: [-1, 1], ...change })

test('says what was added, removed and changed, by name', () => {
  const diff = diffVersions(base, {
    files: [{ path: 'model.onnx', digest: digest(3), sizeBytes: 90 }],
    sizeBytes: 90,
    goldenCases: 0,
    summary: {
      ...base.summary,
      opsets: [{ domain: 'ai.onnx', version: 21 }],
      operators: [
        { domain: 'ai.onnx', name: 'Gemm', count: 2 },
        { domain: 'com.microsoft', name: 'Gelu', count: 1 },
      ],
    },
  })
  expect(diff).toMatchObject({
    breaks: [],
    inputs: [],
    outputs: [],
    opsets: [{ name: 'ai.onnx', from: { version: 17 }, to: { version: 21 } }],
    sizeBytes: { from: 110, to: 90 },
    golden: { from: 1, to: 0, isSame: false },
  })
  expect(diff.operators.map(({ name, from, to }) => [name, from?.count, to?.count])).toEqual([
    ['Gemm', 4, 2],
    ['com.microsoft.Gelu', undefined, 1],
  ])
  expect(diff.files.map(({ name, from, to }) => [name, from !== undefined, to !== undefined])).toEqual([
    ['golden.json', true, false],
    ['model.onnx', true, true],
  ])
})

test.each<[string, Comparable['summary'] | object, string[]]>([
  ['the same signature', {}, []],
  ['an input that takes more shapes', { inputs: [x({ shape: [-1, -1] })] }, []],
  ['an output with a fixed size instead of any', { outputs: [y({ shape: [1, 1] })] }, []],
  ['one more output', { outputs: [y({}), y({ name: 'z' })] }, []],
  [
    'an input that takes fewer shapes',
    { inputs: [x({ shape: [1, 8] })] },
    ['input x takes [1, 8], and callers may give [any, 8]'],
  ],
  ['another rank', { inputs: [x({ shape: [8] })] }, ['input x takes [8], and callers may give [any, 8]']],
  ['another type', { inputs: [x({ datatype: 'FP16' })] }, ['input x takes FP16, and callers give FP32']],
  ['one more input', { inputs: [x({}), x({ name: 'mask' })] }, ['input mask is new, and callers do not give it']],
  [
    'another name',
    { inputs: [x({ name: 'window' })] },
    ['input window is new, and callers do not give it', 'input x is gone, and callers give it'],
  ],
  ['a lost output', { outputs: [y({ name: 'z' })] }, ['output y is gone, and callers read it']],
  ['an output of another type', { outputs: [y({ datatype: 'INT64' })] }, ['output y is INT64, and callers read FP32']],
  [
    'an output of another size',
    { outputs: [y({ shape: [-1, 2] })] },
    ['output y may be [any, 2], and callers read [any, 1]'],
  ],
])('%s: what breaks for callers', (_, change, breaks) => {
  expect(diffVersions(base, withSummary(change)).breaks).toEqual(breaks)
})

const anyName = fc.constantFrom('a', 'b', 'c', 'd')
const anyTensor = fc.record({
  name: anyName,
  datatype: fc.constantFrom<TensorSpec['datatype'][]>('FP32', 'INT64'),
  shape: fc.array(fc.integer({ min: -1, max: 2 }), { maxLength: 3 }),
})
const tensors = fc.uniqueArray(anyTensor, { selector: ({ name }) => name, maxLength: 4 })
const anyVersion: fc.Arbitrary<Comparable> = fc.record({
  files: fc.uniqueArray(
    fc.record({
      path: fc.constantFrom('golden.json', 'model.onnx', 'w.bin'),
      digest: fc.nat(3).map(digest),
      sizeBytes: fc.nat(9),
    }),
    { selector: ({ path }) => path },
  ),
  sizeBytes: fc.nat(100),
  goldenCases: fc.nat(3),
  summary: fc.record({
    irVersion: fc.integer({ min: 1, max: 3 }),
    producer: fc.constantFrom('', 'pytorch'),
    opsets: fc.uniqueArray(fc.record({ domain: anyName, version: fc.integer({ min: 1, max: 3 }) }), {
      selector: ({ domain }) => domain,
    }),
    inputs: tensors,
    outputs: tensors,
    unrankedOutputs: fc.constant([]),
    operators: fc.uniqueArray(
      fc.record({ domain: fc.constantFrom('ai.onnx', 'x'), name: anyName, count: fc.integer({ min: 1, max: 3 }) }),
      { selector: ({ domain, name }) => `${domain}.${name}` },
    ),
    parameterCount: fc.nat(5),
    metadata: fc.constant([]),
    metadataOmittedCount: fc.constant(0),
    externalFiles: fc.constant([]),
  }),
})

const swapped = <Value>(list: readonly Difference<Value>[]) =>
  list.map(({ name, from, to }) => ({ name, ...(to && { from: to }), ...(from && { to: from }) }))

/** The list that `from` becomes when the differences are applied. */
function apply<Value>(from: readonly Value[], list: readonly Difference<Value>[], keyOf: (value: Value) => string) {
  const result = new Map(from.map((value) => [keyOf(value), value]))
  for (const { name, to } of list) {
    if (to === undefined) result.delete(name)
    else result.set(name, to)
  }
  return [...result.values()].map((value) => JSON.stringify(value)).sort()
}

test('a diff is empty for the same, mirrored the other way round, and leads from one to the other', () => {
  fc.assert(
    fc.property(anyVersion, anyVersion, (a, b) => {
      expect(isSame(diffVersions(a, a)), 'the same').toBe(true)
      expect(diffVersions(a, a).breaks).toEqual([])
      const there = diffVersions(a, b)
      const back = diffVersions(b, a)
      for (const key of ['inputs', 'outputs', 'opsets', 'operators', 'files'] as const) {
        expect(back[key], key).toEqual(swapped<unknown>(there[key]))
      }
      expect(isSame(there)).toBe(isSame(back))
      const sorted = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).sort()
      expect(apply(a.summary.inputs, there.inputs, ({ name }) => name)).toEqual(sorted(b.summary.inputs))
      expect(apply(a.files, there.files, ({ path }) => path)).toEqual(sorted(b.files))
    }),
  )
})

/** Alike enough that one often takes the place of the other. */
const similar = fc
  .record({ given: fc.tuple(anyDimension(), anyDimension()), answered: fc.tuple(anyDimension(), anyDimension()) })
  .map(({ given, answered }) => withSummary({ inputs: [x({ shape: given })], outputs: [y({ shape: answered })] }))

function anyDimension() {
  return fc.constantFrom(-1, 1)
}

test('where nothing breaks from one to the next, nothing breaks from the first to the last', () => {
  fc.assert(
    fc.property(similar, similar, similar, (a, b, c) => {
      const isUnbroken = [diffVersions(a, b), diffVersions(b, c)].every(({ breaks }) => breaks.length === 0)
      if (isUnbroken) expect(diffVersions(a, c).breaks).toEqual([])
    }),
    { numRuns: 1_000 },
  )
})
