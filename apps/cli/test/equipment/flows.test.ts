/** Flows from the command line: an error in a file, or in a recording, is reported with its line. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { expect, test } from 'vitest'
import { cli, openTestFolder } from '../stage/cli.ts'

const EXAMPLES = join(import.meta.dirname, '../../../../examples')
const FLOW = join(EXAMPLES, 'flows/pump-vibration/flow.yaml')
const RECORDING = join(EXAMPLES, 'flows/pump-vibration/recording.jsonl')

/** A model that returns its input. */
const ECHO = {
  nodes: [{ operator: 'Identity', inputs: ['x'], outputs: ['y'] }],
  inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [-1, 2] }],
  outputs: [{ name: 'y', datatype: 'FP32' as const, shape: [-1, 2] }],
}

test('shows the parts of a flow, for people and for programs', async () => {
  const { code, out } = await cli(['flow', 'validate', FLOW])
  expect(code).toBe(0)
  expect(out).toMatch(/step +last10s +window +turning +up to 4096 x 1/)
  expect(out).toMatch(/sink +speed +tag +slowdown +→ pump-1\/setpoint/)
  const json = JSON.parse((await cli(['flow', 'validate', FLOW, '--json'])).out)
  expect(json.parts).toContainEqual({
    part: 'step',
    name: 'level',
    kind: 'statistics',
    from: ['last10s'],
    gives: '2 numbers',
  })
})

test.each([
  ['an unknown signal', 'from: turning', 'from: turnin', /flow.yaml:11: steps.1.from: there is no signal turnin/],
  ['an invalid expression', 'running = 1', 'running =', /flow.yaml:10: steps.0.where: /],
  ['an expression without a fixed result', 'running = 1', '$random() > 0.5', /a replay could not be compared/],
  ['an unknown kind', 'kind: filter', 'kind: filtr', /steps.0.kind: must be convert, filter.* or k-of-n/],
  ['an unknown sink', 'kind: hub, from: level', 'kind: hubb, from: level', /sinks.1.kind: must be tag, sink or hub/],
  ['an unknown field', 'lastMs: 10000', 'lastSeconds: 10', /steps.1.lastSeconds is not a field/],
  ['an unknown unit', '"°F"', '"°X"', /steps.4.unit.to: /],
])('reports the place of %s in the file', async (_, before, after, words) => {
  await using folder = await openTestFolder()
  const path = join(folder.path, 'flow.yaml')
  await writeFile(path, (await readFile(FLOW, 'utf8')).replace(before, after))
  expect(await cli(['flow', 'validate', path])).toMatchObject({ code: 1, err: expect.stringMatching(words) })
})

test('replay rejects a model file of another version than the flow requests, before anything runs', async () => {
  await using folder = await openTestFolder()
  const flow = join(folder.path, 'flow.yaml')
  const text = await readFile(join(EXAMPLES, 'flows/pump-anomaly/flow.yaml'), 'utf8')
  await writeFile(flow, text.replace('model: anomaly', 'model: anomaly, version: 3'))
  const replay = (...files: string[]) =>
    cli(['flow', 'replay', flow, RECORDING, ...files.flatMap((file) => ['--model', file])])
  expect(await replay('anomaly:2=none.onnx')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/the step \w+ uses anomaly:3, but --model gives anomaly:2/),
  })
  expect(await replay('anomaly:3=none.onnx', 'anomaly=none.onnx')).toMatchObject({
    code: 2,
    err: expect.stringContaining('--model gives anomaly twice'),
  })
  expect(await replay('anomaly:new=none.onnx')).toMatchObject({ code: 2, err: expect.stringContaining('as a number') })
  for (const fits of ['anomaly:3=none.onnx', 'anomaly=none.onnx'])
    expect(await replay(fits)).toMatchObject({ code: 1, err: expect.stringContaining('code: file_unreadable') })
})

test('a step normalises with the metadata of the model in the given file', async () => {
  await using folder = await openTestFolder()
  const at = (name: string) => join(folder.path, name)
  const flow = at('flow.yaml')
  const recording = at('recording.jsonl')
  const model = at('model.onnx')
  const file = (metadata: Record<string, string>) => writeFile(model, writeModel(buildModel({ ...ECHO, metadata })))
  const lines = [
    'name: room',
    'inputs: [{ name: air, source: room, tag: air, length: 2 }]',
    'steps:',
    '  - { name: near, kind: normalise, from: air, model: room }',
    '  - { name: score, kind: model, from: [near], model: room, output: { length: 2 } }',
    'sinks: [{ name: near, kind: hub, from: near }, { name: score, kind: hub, from: score }]',
  ]
  await writeFile(flow, lines.join('\n'))
  await writeFile(recording, '{"source":"room","tag":"air","quality":"good","value":[23,1018],"receivedTimeMs":1000}\n')
  const replay = () => cli(['flow', 'replay', flow, recording, '--model', `room=${model}`, '--json'])

  await file({ 'skerry.mean': '[21, 1013]', 'skerry.std': '[0.5, 10]' })
  const { out, err } = await replay()
  const said = { timeMs: 1_000, quality: 'good', value: [4, 0.5] }
  expect(err).toBe('')
  expect(JSON.parse(out).outputs).toEqual([
    { ...said, sink: 'near' },
    { ...said, sink: 'score' },
  ])
  await file({ 'skerry.mean': '[21, 1013]' })
  expect(await replay()).toMatchObject({ code: 1, err: expect.stringContaining('"code":"norms_missing"') })
})

test('reports the line of a recording without a sample, and does not replace an existing recording', async () => {
  await using folder = await openTestFolder()
  const path = join(folder.path, 'recording.jsonl')
  const lines = (await readFile(RECORDING, 'utf8')).split('\n')
  await writeFile(path, [...lines.slice(0, 4), '{"source":"pump-1"}', ...lines.slice(4)].join('\n'))
  expect(await cli(['flow', 'replay', FLOW, path])).toMatchObject({
    code: 1,
    err: expect.stringMatching(/recording.jsonl:5: /),
  })
  const source = ['--source', join(EXAMPLES, 'sources/pump-simulator.yaml')]
  expect(await cli(['flow', 'run', FLOW, ...source, '--record', path])).toMatchObject({
    code: 1,
    err: expect.stringContaining('file_unwritable'),
  })
})

test('a source that the flow needs and lacks is named before anything starts', async () => {
  expect(await cli(['flow', 'run', FLOW])).toMatchObject({ code: 2, err: expect.stringContaining('pump-1/vibration') })
})
