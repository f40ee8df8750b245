/** Flows: each example gives the output of its golden file, from its recording, with the model that it uses. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FlowOutput, FlowSample } from '@skerry/contract/flows/flow-recording'
import { expect, onTestFinished, test } from 'vitest'
import { cli } from '../../apps/cli/test/stage/cli.ts'
import { recordingOf } from './recording.ts'

const here = (path: string) => join(import.meta.dirname, path)
const READINGS = here('../sensor-anomaly/readings/multi-hop-mote3-indoor.csv')
const MODEL = ['--model', `anomaly=${here('../sensor-anomaly/model-v1.onnx')}`]
/** Longer than a sample waits for a busy machine. */
const LATE_MS = 3_000
const PUMP = [here('pump-anomaly/flow.yaml'), here('pump-anomaly/recording.jsonl')]

test("the pump's recording is an excerpt of real readings, with a gap of ten seconds", async () => {
  const csv = await readFile(READINGS, 'utf8')
  const lines = recordingOf(csv, { source: 'pump-air', from: 2_390, to: 2_560, lost: new Set([20, 21]) })
  expect(lines).toBe(await readFile(here('pump-anomaly/recording.jsonl'), 'utf8'))
})

test.each([
  ['pump-anomaly', MODEL],
  ['pump-vibration', []],
])('%s gives the outputs of its golden file', async (name, model) => {
  const files = [here(`${name}/flow.yaml`), here(`${name}/recording.jsonl`)]
  const { code, out, err } = await cli(['flow', 'replay', ...files, ...model, '--expect', here(`${name}/golden.json`)])
  expect([code, err]).toEqual([0, ''])
  expect(out).toMatch(/^all \d+ outputs match the golden file\n$/)
})

test("the pump's lamp switches on and off with the steam, and a missing reading does not switch it", async () => {
  const { out } = await cli(['flow', 'replay', ...PUMP, ...MODEL, '--json'])
  const outputs: FlowOutput[] = JSON.parse(out).outputs.map((output: unknown) => FlowOutput.parse(output))
  const lamp = outputs.flatMap((output) => (output.sink === 'lamp' && 'value' in output ? [output.value] : []))
  expect(lamp[0]).toBe(0)
  expect(lamp).toContain(1)
  expect(outputs.filter(({ quality }) => quality === 'bad')).toEqual([])
  expect(outputs.some(({ quality }) => quality === 'uncertain')).toBe(true)
})

test('another threshold is reported as a difference with its place, and a missing model is named', async () => {
  const folder = await temporary()
  const changed = join(folder, 'flow.yaml')
  const text = await readFile(here('pump-anomaly/flow.yaml'), 'utf8')
  await writeFile(changed, text.replace('above: 8', 'above: 200000'))
  const golden = here('pump-anomaly/golden.json')
  const differing = await cli([
    'flow',
    'replay',
    changed,
    here('pump-anomaly/recording.jsonl'),
    ...MODEL,
    '--expect',
    golden,
  ])
  expect(differing).toMatchObject({ code: 1, err: expect.stringMatching(/outputs differ/) })
  expect(differing.out).toMatch(/lamp, output \d+:\n {2}golden/)
  const without = await cli(['flow', 'replay', ...PUMP, '--json'])
  expect(without.out).toContain('there is no model anomaly here')
})

test('a flow runs on simulated equipment and writes to it, and a replay of the recording gives the same outputs', async () => {
  const folder = await temporary()
  const recording = join(folder, 'recording.jsonl')
  const flow = join(folder, 'flow.yaml')
  const text = await readFile(here('pump-vibration/flow.yaml'), 'utf8')
  const often = text.replaceAll('everyMs: 5000', 'everyMs: 500').replace('samplesMin: 5', 'samplesMin: 1')
  // On a busy machine the clock outruns a sample on its way to the flow. The live run then drops it as late, but the
  // replay does not.
  await writeFile(flow, often.replace('inputs:', `lateMs: ${LATE_MS}\ninputs:`))
  const source = ['--source', here('../sources/pump-simulator.yaml')]
  const live = await cli([
    'flow',
    'run',
    flow,
    ...source,
    '--record',
    recording,
    '--duration',
    '12s',
    '--act',
    '--json',
  ])
  expect(live.code).toBe(0)
  const lines: unknown[] = live.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toContainEqual(expect.objectContaining({ write: 'pump-1/setpoint', done: 'wrote' }))
  const told = lines.flatMap((line) => FlowOutput.safeParse(line).data ?? [])
  const samples = (await readFile(recording, 'utf8')).trim().split('\n')
  for (const sample of samples) FlowSample.parse(JSON.parse(sample))
  const { out } = await cli(['flow', 'replay', flow, recording, '--json'])
  const again: FlowOutput[] = JSON.parse(out).outputs
  for (const sink of ['levels', 'warmth']) {
    const [then, now] = [told, again].map((outputs) => outputs.filter((output) => output.sink === sink))
    expect(then?.length).toBeGreaterThan(2)
    // The last may still have been on their way when it was stopped.
    expect(now?.slice(0, then?.length)).toEqual(then?.slice(0, now?.length))
  }
})

async function temporary() {
  const path = await mkdtemp(join(tmpdir(), 'skerry-flows-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}
