import { readFile } from 'node:fs/promises'
import type { Tensor, TensorSpec } from '@skerry/contract/models/tensor'
import { float32, type Npy, npyOf, npzOf, zipOf } from '@skerry/testkit/npz'
import { expect, test } from 'vitest'
import { readGoldenFile } from './golden-file.ts'
import type { GoldenReading, GoldenSpecs } from './golden-reading.ts'

const spec = (name: string, shape: number[], datatype: TensorSpec['datatype'] = 'FP32'): TensorSpec => ({
  name,
  datatype,
  shape,
})
const model: GoldenSpecs = { inputs: [spec('x', [-1, 2])], outputs: [spec('y', [-1, 1])] }

const x = float32([3, 2], 1, 2, 3, 4, 5, 6)
const y = float32([3, 1], 7, 8, 9)

const numbers = ({ shape, data }: Tensor) => ({
  shape,
  values: [...new Float32Array(new Uint8Array(Buffer.from(data, 'base64')).buffer)],
})

async function casesOf(arrays: Record<string, Npy>, specs = model) {
  const reading = await readGoldenFile(npzOf(arrays), specs, undefined)
  if (!reading.ok) throw new Error(reading.message)
  return reading.golden.cases
}

const messageOf = (reading: GoldenReading) => (reading.ok ? 'it was read' : reading.message)

/** np.savez(FILE, **{'inputs/x': np.asfortranarray([[1., 2.], [3., 4.]]), 'y': np.array([[.5], [.25]], '>f2')}) */
const BY_NUMPY =
  'UEsDBC0AAAAAAAAAIQCbEJoO//////////8MABQAaW5wdXRzL3gubnB5AQAQAKAAAAAAAAAAoAAAAAAAAACTTlVNUFkBAHYAeydkZXNjcic6IC' +
  'c8ZjgnLCAnZm9ydHJhbl9vcmRlcic6IFRydWUsICdzaGFwZSc6ICgyLCAyKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg' +
  'ICAgICAgICAgICAgICAgICAgICAgICAgCgAAAAAAAPA/AAAAAAAACEAAAAAAAAAAQAAAAAAAABBAUEsDBC0AAAAAAAAAIQCQCuhR//////////' +
  '8FABQAeS5ucHkBABAAhAAAAAAAAACEAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJz5mMicsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdz' +
  'aGFwZSc6ICgyLCAxKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKOAA0AFBLAQ' +
  'ItAy0AAAAAAAAAIQCbEJoOoAAAAKAAAAAMAAAAAAAAAAAAAACAAQAAAABpbnB1dHMveC5ucHlQSwECLQMtAAAAAAAAACEAkAroUYQAAACEAAAA' +
  'BQAAAAAAAAAAAAAAgAHeAAAAeS5ucHlQSwUGAAAAAAIAAgBtAAAAmQEAAAAA'

test('an archive of numpy itself is read: doubles in Fortran order, and big-endian halves', async () => {
  const reading = await readGoldenFile(new Uint8Array(Buffer.from(BY_NUMPY, 'base64')), model, undefined)
  expect(reading).toMatchObject({ ok: true, expected: ['y'], ignored: [] })
  const cases = reading.ok ? reading.golden.cases : []
  expect(cases.map(({ inputs }) => inputs.x && numbers(inputs.x))).toEqual([
    { shape: [1, 2], values: [1, 2] },
    { shape: [1, 2], values: [3, 4] },
  ])
  expect(cases.map(({ outputs }) => outputs?.y && numbers(outputs.y))).toEqual([
    { shape: [1, 1], values: [0.5] },
    { shape: [1, 1], values: [0.25] },
  ])
})

test('the compressed archive of the sensor example has sixteen cases with their scores', async () => {
  const path = new URL('../../../../examples/sensor-anomaly/golden-v1.npz', import.meta.url)
  const specs = { inputs: [spec('window', [-1, 8, 2])], outputs: [spec('score', [-1, 1])] }
  const reading = await readGoldenFile(new Uint8Array(await readFile(path)), specs, undefined)
  expect(reading).toMatchObject({ ok: true, expected: ['score'] })
  expect(reading.ok && reading.golden.cases.length).toBe(16)
})

test('a batch is cut into cases, by an open first dimension or one of 1', async () => {
  for (const first of [-1, 1]) {
    const specs = { inputs: [spec('x', [first, 2])], outputs: [spec('y', [first, 1])] }
    const cases = await casesOf({ 'inputs/x': x, 'outputs/y': y }, specs)
    expect(cases.map(({ inputs }) => inputs.x && numbers(inputs.x).values)).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
    expect(cases[2]?.outputs?.y && numbers(cases[2].outputs.y)).toEqual({ shape: [1, 1], values: [9] })
  }
})

test('an axis more than the tensor has counts the cases, and a fixed shape without it is one case', async () => {
  const more = await casesOf({ x: float32([2, 1, 2], 1, 2, 3, 4), y: float32([2, 1, 1], 5, 6) })
  expect(more.map(({ inputs }) => inputs.x?.shape)).toEqual([
    [1, 2],
    [1, 2],
  ])
  const fixed = { inputs: [spec('x', [3, 2])], outputs: [spec('y', [])] }
  const one = await casesOf({ x, y: float32([], 4) }, fixed)
  expect(one.map(({ inputs, outputs }) => [inputs.x?.shape, outputs?.y?.shape])).toEqual([[[3, 2], []]])
  const unranked = { ...fixed, inputs: model.inputs, unrankedOutputs: ['y'] }
  const batch = await casesOf({ x, y: float32([3, 1, 1], 4, 5, 6) }, unranked)
  expect(batch[1]?.outputs?.y && numbers(batch[1].outputs.y)).toEqual({ shape: [1, 1, 1], values: [5] })
})

test('a tensor whose own name has slashes is found, other arrays are ignored, and outputs may be missing', async () => {
  const specs = { inputs: [spec('inputs/x', [-1, 2])], outputs: [spec('/fc/Gemm', [-1, 1]), spec('z', [-1])] }
  const archive = npzOf({ 'inputs/x': x, '/fc/Gemm': y, notes: y })
  expect(await readGoldenFile(archive, specs, undefined)).toMatchObject({
    ok: true,
    expected: ['/fc/Gemm'],
    ignored: ['notes'],
  })
  expect((await casesOf({ x })).map(({ outputs }) => outputs)).toEqual([undefined, undefined, undefined])
})

test('a misspelt output is rejected with the known names, if an output has no array', async () => {
  const known = 'its inputs are x, its outputs y: rename the array, or leave it out'
  const misspelt = messageOf(await readGoldenFile(npzOf({ x, scores: y }), model, undefined))
  expect(misspelt).toBe(`the model has no tensor scores, and there is no array for its output y; ${known}`)
  const two = { ...model, outputs: [spec('label', [-1]), spec('score', [-1, 1])] }
  const label = float32([3], 1, 2, 3)
  for (const name of ['scores', 'Score', 'scroe', 'sore', 'score1'])
    expect(messageOf(await readGoldenFile(npzOf({ x, label, [name]: y }), two, undefined))).toContain(
      `the model has no tensor ${name}, and there is no array for its output score;`,
    )
  expect(await readGoldenFile(npzOf({ x, label, notes: y }), two, undefined)).toMatchObject({ ignored: ['notes'] })
  expect(await readGoldenFile(npzOf({ x, y, yy: y }), model, undefined)).toMatchObject({ ignored: ['yy'] })
})

const bytes = (...values: number[]) => Uint8Array.from(values)

test.each<[string, Npy, TensorSpec['datatype'], number[]]>([
  ['bool', { descr: '|b1', shape: [2], data: bytes(1, 0) }, 'BOOL', [1, 0]],
  ['bool as integers', { descr: '|b1', shape: [2], data: bytes(1, 0) }, 'UINT8', [1, 0]],
  [
    'int64 as int32',
    { descr: '<i8', shape: [1], data: new Uint8Array(BigInt64Array.of(-2n).buffer) },
    'INT32',
    [254, 255, 255, 255],
  ],
  ['big-endian int16', { descr: '>i2', shape: [1], data: bytes(1, 2) }, 'INT16', [2, 1]],
  ['float32 as float16', float32([1], 1), 'FP16', [0, 0x3c]],
  ['bfloat16 of ml_dtypes', { descr: '|V2', shape: [1], data: bytes(0x80, 0x3f) }, 'BF16', [0x80, 0x3f]],
  ['unicode', { descr: '<U2', shape: [1], data: bytes(0x41, 0, 0, 0, 0, 0, 0, 0) }, 'BYTES', [1, 0, 0, 0, 0x41]],
  ['ascii', { descr: '|S3', shape: [1], data: bytes(0x41, 0x42, 0) }, 'BYTES', [2, 0, 0, 0, 0x41, 0x42]],
  ['a header of version 3', { ...float32([1], 0), version: 3 }, 'FP32', [0, 0, 0, 0]],
])('%s is read', async (_what, array, datatype, expected) => {
  const [only] = await casesOf({ x: array }, { inputs: [spec('x', array.shape.slice(), datatype)], outputs: [] })
  expect([...Buffer.from(only?.inputs.x?.data ?? '', 'base64')]).toEqual(expected)
})

test('three dimensions in Fortran order are turned into rows', async () => {
  // np.asfortranarray(np.arange(8).reshape(2, 2, 2)).ravel(order='K')
  const array = { ...float32([2, 2, 2], 0, 4, 2, 6, 1, 5, 3, 7), isFortran: true }
  const [only] = await casesOf({ x: array }, { inputs: [spec('x', [2, 2, 2])], outputs: [] })
  expect(only?.inputs.x && numbers(only.inputs.x).values).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
})

test('inputs may be NaN, which some models take as a missing value', async () => {
  const [only] = await casesOf({ x: float32([1, 2], Number.NaN, 1) })
  expect(only?.inputs.x && numbers(only.inputs.x).values).toEqual([Number.NaN, 1])
})

test.each<[string, Record<string, Npy>, string]>([
  ['no array for an input', { y }, 'there is no array for the input x; the file has y'],
  ['arrays without names', { arr_0: x, arr_1: y }, 'name the arrays, as in np.savez("golden.npz", x=array)'],
  ['an unknown output', { x, 'outputs/z': y }, 'outputs/z: the model has no output z; it has y'],
  ['an unknown input', { x, 'inputs/z': y }, 'inputs/z: the model has no input z; it has x'],
  ['uneven cases', { x, y: float32([2, 1], 1, 2) }, 'equally many cases: x has 3, y has 2'],
  ['another shape', { x, y: float32([3], 1, 2, 3) }, 'y has the shape [3], but the output of the model has [any, 1]'],
  [
    'an output that is NaN',
    { x: float32([1, 2], 1, 2), y: float32([1, 1], Number.NaN) },
    'case 1: the expected output y[0] is NaN',
  ],
  ['too many cases', { x: float32([33, 2], ...Array(66).fill(0)) }, '33 cases, and at most 32'],
  ['no case', { x: float32([0, 2]) }, 'cases: Too small'],
  ['floats for integers', { x, n: x }, 'n is float32 in the file and INT64 in the model; convert it to int64'],
  [
    'a number that is too large',
    { x: { ...x, descr: '<f8', shape: [1, 2], data: new Uint8Array(Float64Array.of(1e300, 1).buffer) } },
    'x has a value that FP32 cannot hold',
  ],
  [
    'text for numbers',
    { x: { descr: '<U1', shape: [1, 2], data: new Uint8Array(8) } },
    'x is text in the file and FP32',
  ],
  ['Python objects', { x: { descr: '|O', shape: [1, 2], data: new Uint8Array(16) } }, 'x holds Python objects'],
  ['complex numbers', { x: { descr: '<c8', shape: [1, 2], data: new Uint8Array(16) } }, 'x has the type <c8'],
  ['too few bytes', { x: { ...x, shape: [4, 2] } }, 'x has 24 bytes, but its shape [4, 2] needs 32'],
  ['ten dimensions', { x: float32(Array(10).fill(1), 1) }, 'x has 10 dimensions'],
  ['an unknown format', { x: { ...x, version: 4 } }, 'x has the unknown format version 4'],
  ['a structure', { x: { ...x, descr: "', 'x" } }, 'x has the type'],
])('rejects an archive with %s', async (_what, arrays, message) => {
  const specs = 'n' in arrays ? { ...model, inputs: [...model.inputs, spec('n', [-1, 2], 'INT64')] } : model
  expect(messageOf(await readGoldenFile(npzOf(arrays), specs, undefined))).toContain(message)
})

/** A copy in which one place is changed. */
function altered(archive: Buffer<ArrayBuffer>, alter: (bytes: Buffer) => void): Buffer<ArrayBuffer> {
  const copy = Buffer.concat([archive])
  alter(copy)
  return copy
}

const packed = npzOf({ x }, { isDeflated: true })
const directoryAt = packed.indexOf('PK\x01\x02', 'latin1')

test.each<[string, Buffer<ArrayBuffer>, string]>([
  ['cut off', packed.subarray(0, packed.length - 30), 'it has no directory'],
  ['with another byte', altered(npzOf({ x }), (copy) => copy.writeUInt8(9, 150)), 'the checksum of x.npy is wrong'],
  ['encrypted', npzOf({ x }, { flags: 1 }), 'x.npy is encrypted'],
  ['packed by another method', npzOf({ x }, { method: 12 }), 'x.npy is packed by the method 12'],
  ['with a wrong directory', altered(packed, (copy) => copy.writeUInt8(0, directoryAt)), 'its directory is wrong'],
  ['without the file', altered(packed, (copy) => copy.writeUInt32LE(1, directoryAt + 42)), 'x.npy is not there'],
  [
    'larger than stated',
    altered(packed, (copy) => copy.writeUInt32LE(40, directoryAt + 24)),
    'x.npy is larger than stated',
  ],
  [
    'smaller than stated',
    altered(packed, (copy) => copy.writeUInt32LE(4_000, directoryAt + 24)),
    'x.npy is smaller than stated',
  ],
  ['not deflated', npzOf({ x }, { method: 8 }), 'x.npy cannot be unpacked'],
  ['over 4 GB', altered(packed, (copy) => copy.writeUInt32LE(0xffffffff, directoryAt + 24)), 'x.npy is over 4 GB'],
  [
    'over the limit',
    altered(packed, (copy) => copy.writeUInt32LE(0x7fffffff, directoryAt + 24)),
    'its arrays have over 64 MiB',
  ],
  ['cut off inside', altered(packed, (copy) => copy.writeUInt32LE(60_000, directoryAt + 20)), 'x.npy is cut off'],
  [
    'of too many files',
    zipOf(Object.fromEntries(Array.from({ length: 513 }, (_, at) => [`${at}`, bytes()]))),
    'it has 513 arrays, and at most 512 are read',
  ],
  ['of other files', zipOf({ 'x.npy': Buffer.from('hello, world') }), 'x is no array of numpy'],
  ['of a cut array', zipOf({ 'x.npy': npyOf(x).subarray(0, 40) }), 'x has a header that is too long'],
])('rejects an archive that is %s', async (_what, archive, message) => {
  expect(messageOf(await readGoldenFile(archive, model, undefined))).toContain(message)
})

test('a comment behind the archive does not hide its directory', async () => {
  const reading = await readGoldenFile(npzOf({ x }, { comment: 'made by hand' }), model, undefined)
  expect(reading.ok).toBe(true)
})

/** Small files that state far more than they hold. Each is refused before anything is made for a case. */
test.each<[string, Uint8Array<ArrayBuffer>, string]>([
  ['ten million empty cases', npzOf({ x: { ...float32([10_000_000, 0]) } }), '10000000 cases, and at most 32'],
  ['more cases than a list can have', npzOf({ x: float32([5_000_000_000, 0]) }), '5000000000 cases, and at most 32'],
  ['texts without characters', npzOf({ x: { ...x, descr: '<U0', data: new Uint8Array() } }), 'the type <U0'],
  [
    'a bomb of zeros',
    npzOf({ x: { descr: '<f4', shape: [1, 8_000_000], data: new Uint8Array(32_000_000) } }, { isDeflated: true }),
    'x has 32000000 bytes, and all cases may have 12582912',
  ],
])('%s: the message says why', async (_what, file, message) => {
  const wide: GoldenSpecs = { inputs: [spec('x', [-1, -1])], outputs: [] }
  expect(messageOf(await readGoldenFile(file, wide, undefined))).toContain(message)
})
