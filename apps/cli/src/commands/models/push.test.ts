import { createHash } from 'node:crypto'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { beforeEach, expect, test } from 'vitest'
import type { FakeHub } from '../../../test/fake-hub/fake-hub.ts'
import { cli, type TestFolder } from '../../../test/stage/cli.ts'
import { openSignedIn } from '../../../test/stage/signed-in.ts'

let hub: FakeHub
let folder: TestFolder
let env: Record<string, string>

beforeEach(async () => {
  const signedIn = await openSignedIn()
  ;({ hub, folder, env } = signedIn)
  return () => signedIn[Symbol.asyncDispose]()
})

const example = (name: string) =>
  fileURLToPath(new URL(`../../../../../examples/sensor-anomaly/${name}`, import.meta.url))

const digest = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** An ONNX file whose one weight lies in `weights/w.bin` beside it. */
async function writeExternalModel(elements: number): Promise<{ path: string; weights: Buffer }> {
  const model = buildModel({
    nodes: [{ operator: 'Add', inputs: ['x', 'w'], outputs: ['y'] }],
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, elements] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, elements] }],
    initialisers: [float32Tensor('w', [elements], new Float32Array(elements))],
  })
  const [w] = model.graph.initializer
  if (!w) throw new Error('the weight is gone')
  const weights = Buffer.from(w.rawData)
  for (let at = 0; at < weights.length; at += 4_096) weights.writeUInt32LE(at, at)
  // [onnx.proto, TensorProto.DataLocation] EXTERNAL = 1.
  w.dataLocation = 1
  w.externalData = [{ $typeName: 'onnx.StringStringEntryProto', key: 'location', value: 'weights/w.bin' }]
  w.rawData = new Uint8Array(0)
  const path = join(folder.path, 'Big Model.onnx')
  await mkdir(join(folder.path, 'weights'))
  await writeFile(path, writeModel(model))
  await writeFile(join(folder.path, 'weights', 'w.bin'), weights)
  return { path, weights }
}

test('a model goes to the hub with its golden inputs, labels and aliases', async () => {
  const words = ['model', 'push', example('model-v1.onnx'), '--name', 'anomaly', '--golden', example('golden.json')]
  const more = ['--tolerance-abs', '1e-4', '--alias', '@champion', '--label', 'run=1']
  const { code, out, err } = await cli([...words, ...more], { env })
  expect(code).toBe(0)
  expect(out).toContain('pushed anomaly:2, with 16 golden cases')
  expect(err).toContain('not tensors of the model, ignored: v1, v2')
  const [push] = hub.state.pushes
  expect(push).toMatchObject({
    name: 'anomaly',
    files: [{ path: 'model.onnx' }],
    golden: { tolerance: { absolute: 1e-4, relative: 0 } },
    aliases: ['champion'],
    labels: { run: '1' },
  })
  const [file] = push?.files ?? []
  expect(digest(hub.state.blobs.get(file?.digest ?? '') ?? Buffer.alloc(0))).toBe(file?.digest)
})

test('push sends lineage in the form of the contract', async () => {
  const words = ['model', 'push', example('model-v1.onnx'), '--parent', 'base:3', '--parent', 'other@best']
  const said = [
    '--source',
    'https://git.example/x',
    '--commit',
    'c0ffee',
    '--dataset',
    's3://x',
    '--tool',
    'pytorch 2.6',
  ]
  expect((await cli([...words, ...said], { env })).code).toBe(0)
  expect(hub.state.pushes[0]?.lineage).toEqual({
    parents: [
      { name: 'base', version: '3' },
      { name: 'other', version: '@best' },
    ],
    source: { uri: 'https://git.example/x', commit: 'c0ffee' },
    dataset: { uri: 's3://x' },
    tool: 'pytorch 2.6',
  })
})

test.each([
  [['--parent', 'base'], 'give the version as NAME:3'],
  [['--commit', 'c0ffee'], '--commit needs --source'],
  [['--source', 'https://me:secret@git.example/x'], 'must not hold a password'],
])('wrong lineage is rejected before a byte is sent: %j', async (words, message) => {
  const { code, err } = await cli(['model', 'push', example('model-v1.onnx'), ...words], { env })
  expect(code).toBe(2)
  expect(err).toContain(message)
  expect(hub.state.calls).toEqual([])
})

test('pushing the same files again reports no change, and sends no byte', async () => {
  const words = ['model', 'push', example('model-v1.onnx'), '--name', 'anomaly']
  await cli(words, { env })
  hub.state.calls.length = 0
  const { code, out, err } = await cli(words, { env })
  expect({ code, out }).toEqual({ code: 0, out: 'nothing changed: anomaly:2 has the same files already\n' })
  expect(err).toContain('no golden inputs')
  expect(err).toContain('the hub has model.onnx already')
  expect(hub.state.calls).toEqual([])
})

test('a file of numpy has the expected outputs, and the note names them', async () => {
  const words = ['model', 'push', example('model-v1.onnx'), '--name', 'anomaly', '--golden', example('golden-v1.npz')]
  const { code, out, err } = await cli(words, { env })
  expect(code, err).toBe(0)
  expect(err).toContain('expected outputs, with which the hub compares its answers: score')
  expect(out).toContain('expected outputs  given with the push; the hub agreed with them')
  expect(hub.state.pushes[0]?.golden?.cases).toHaveLength(16)
  expect(hub.state.pushes[0]?.golden?.cases[0]?.outputs?.score).toMatchObject({ datatype: 'FP32', shape: [1, 1] })
})

test('without expected outputs the note states that the hub is the reference', async () => {
  const words = ['model', 'push', example('model-v1.onnx'), '--golden', example('golden.json')]
  expect((await cli(words, { env })).err).toContain(
    'no expected outputs: the answers of the hub become the reference, right or wrong',
  )
})

test('pushing known files shows the parts that were not recorded, and the next commands', async () => {
  const words = ['model', 'push', example('model-v1.onnx'), '--name', 'anomaly']
  await cli(words, { env })
  hub.state.notRecorded = [
    { part: 'label', name: 'run', given: '2', recorded: '1' },
    { part: 'lineage', name: 'notes', given: 'x'.repeat(80) },
    { part: 'alias', name: 'champion', given: '2', recorded: '1' },
    { part: 'signature', name: 'b2', given: 'b2' },
  ]
  const { code, out } = await cli(words, { env })
  expect(code).toBe(0)
  expect(out).toContain('nothing changed: anomaly:2 has the same files already')
  expect(out).toMatch(/NOT RECORDED +NAME +THIS PUSH +THE VERSION HAS/)
  expect(out).toMatch(/label +run +2 +1/)
  expect(out).toMatch(/lineage +notes +x{60}…/)
  expect(out).toMatch(/alias +champion +version 2 +version 1/)
  expect(out).toContain('labels and lineage never change after the first push')
  expect(out).toContain('to move the alias: skerry model alias anomaly:2 champion')
  expect(out).toContain('to add the signature: skerry model sign anomaly:2 --signature FILE')
  const json = await cli([...words, '--json'], { env })
  expect(JSON.parse(json.out)).toMatchObject({ created: false, notRecorded: hub.state.notRecorded })
})

test('push finds weight files beside the model, and takes the name from the file', async () => {
  const { path, weights } = await writeExternalModel(1_000)
  const { code } = await cli(['model', 'push', path], { env })
  expect(code).toBe(0)
  expect(hub.state.pushes[0]).toMatchObject({
    name: 'big-model',
    files: [{ path: 'model.onnx' }, { path: 'weights/w.bin', digest: digest(weights) }],
  })
})

test('an interrupted upload continues from the position of the hub, without sending the rest again', async () => {
  // Two pieces of at most 8 MiB, of which the first is cut once.
  const { path, weights } = await writeExternalModel(2_200_000)
  hub.state.cuts = 1
  const { code } = await cli(['model', 'push', path], { env })
  expect(code).toBe(0)
  expect(hub.state.blobs.get(digest(weights))?.equals(weights)).toBe(true)
})

test('a terminal shows progress, and JSON output shows none', async () => {
  const words = ['model', 'push', example('model-v1.onnx')]
  const drawn = await cli(words, { env: { ...env, NO_COLOR: '1' }, answers: [] })
  expect(drawn.err).toContain('\r\u001b[Kuploading model.onnx [########################] 100 % of 3.4 KiB\n')
  const json = await cli([...words, '--json'], { env })
  expect(json.err).toBe('')
  expect(JSON.parse(json.out)).toMatchObject({ created: false })
})

test('without a terminal progress is plain lines', async () => {
  const { err } = await cli(['model', 'push', example('model-v1.onnx')], { env })
  expect(err).toContain('hashing 100 % of 3.4 KiB\nuploading model.onnx 100 % of 3.4 KiB\n')
  expect(err).not.toContain('\u001b')
})

test.each([
  ['text', 'not a model', 'code: model_not_onnx'],
  ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\n', 'what next: run "git lfs pull" first'],
])('%s is rejected before a byte is sent', async (_what, content, expected) => {
  const path = join(folder.path, 'm.onnx')
  await writeFile(path, content)
  const { code, err } = await cli(['model', 'push', path], { env })
  expect(code).toBe(1)
  expect(err).toContain(expected)
  expect(hub.state.calls).toEqual([])
})

test('push names a missing weight file', async () => {
  const { path } = await writeExternalModel(10)
  const other = join(folder.path, 'elsewhere')
  await mkdir(other)
  await copyFile(path, join(other, 'm.onnx'))
  const { code, err } = await cli(['model', 'push', join(other, 'm.onnx')], { env })
  expect(code).toBe(1)
  expect(err).toContain(`cannot read ${join(other, 'weights', 'w.bin')}: there is no such file`)
})

test('a tolerance without golden inputs is wrong usage', async () => {
  const { code, err } = await cli(['model', 'push', example('model-v1.onnx'), '--tolerance-abs', '1'], { env })
  expect(code).toBe(2)
  expect(err).toContain('a tolerance needs golden inputs')
})

test('golden cases in the place of the model are rejected with the option for them', async () => {
  const { code, err } = await cli(['model', 'push', 'golden.npz'], { env })
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('--golden golden.npz') })
})

test('files of another engine go to the hub with their runtime and their tensors', async () => {
  const model = join(folder.path, 'digits')
  await mkdir(join(model, '1'), { recursive: true })
  await writeFile(join(model, 'config.pbtxt'), 'platform: "tensorrt_plan"')
  await writeFile(join(model, '1', 'model.plan'), 'a plan')
  await writeFile(join(model, '.DS_Store'), 'x')
  const tensors = join(folder.path, 'tensors.json')
  const spec = (name: string) => ({ name, datatype: 'FP32', shape: [-1, 4] })
  // A server states further fields.
  await writeFile(tensors, JSON.stringify({ name: 'digits', inputs: [spec('x')], outputs: [spec('y')] }))
  const words = ['model', 'push', model, '--runtime', 'triton:3', '--tensors', tensors]
  const { code, err } = await cli([...words, '--name', 'digits'], { env })
  expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('no golden inputs') })
  const [push] = hub.state.pushes
  expect(push?.files.map(({ path }) => path)).toEqual(['hosted.json', 'files/1/model.plan', 'files/config.pbtxt'])
  const said = async (...more: string[]) => (await cli(['model', 'push', model, ...more], { env })).err
  expect(await said('--runtime', 'triton:latest')).toContain('APP:NUMBER')
  expect(await said('--runtime', 'triton')).toContain('--tensors')
  expect(await said('--tensors', tensors)).toContain('--runtime')
  await writeFile(tensors, JSON.stringify({ inputs: [spec('x')] }))
  expect(await said('--runtime', 'triton', '--tensors', tensors)).toContain('tensors.json, outputs')
})
