import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Flow } from '@skerry/contract/flows/flow'
import { FlowGolden, FlowOutput } from '@skerry/contract/flows/flow-recording'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { modelsOf } from './models-of.ts'
import { replayHere } from './replay-here.ts'

const EXAMPLES = join(import.meta.dirname, '../../../../../../examples/flows')
const example = (name: string, file: string) => readFile(join(EXAMPLES, name, file), 'utf8')
const flowOf = async (name: string) => Flow.parse(parse(await example(name, 'flow.yaml')))
const deps = { onBytes: () => undefined, signal: new AbortController().signal }

async function pump() {
  const [flow, recording, golden] = await Promise.all([
    flowOf('pump-vibration'),
    example('pump-vibration', 'recording.jsonl'),
    example('pump-vibration', 'golden.json'),
  ])
  return { flow, recording, golden: FlowGolden.parse(JSON.parse(golden)) }
}

test('a page answers what the command line answers: nothing differs from the golden file that it wrote', async () => {
  const { flow, recording, golden } = await pump()
  const outcome = await replayHere({ flow, recording: new Blob([recording]), golden }, deps)
  expect(outcome.compared).toEqual({ differences: 0, shown: [] })
  const lines = (await outcome.outputs.text()).trim().split('\n')
  expect(lines.map((line) => FlowOutput.parse(JSON.parse(line)))).toEqual(golden.outputs)
  expect(outcome.samples).toBe(recording.trim().split('\n').length)
  expect(outcome.sinks.map(({ sink }) => sink)).toEqual(flow.sinks.map(({ name }) => name))
  expect(outcome.sinks.reduce((sum, { outputs }) => sum + outputs, 0)).toBe(golden.outputs.length)
})

test('what differs is said with its place, what has no input is counted, and a line of Windows is one', async () => {
  const { flow, recording, golden } = await pump()
  const [first, ...outputs] = golden.outputs
  const stranger = '{"source":"nobody","tag":"x","quality":"good","value":1,"receivedTimeMs":1}'
  const blob = new Blob([`${stranger}\r\n\r\n`, recording])
  const outcome = await replayHere({ flow, recording: blob, golden: { ...golden, outputs } }, deps)
  expect(outcome.strangers).toBe(1)
  expect(outcome.compared?.differences).toBeGreaterThan(0)
  expect(outcome.compared?.shown[0]).toMatchObject({ sink: first?.sink, place: 0 })
})

test.each([
  ['{"source":"pump-1"', 'line 2: the line'],
  ['{"source":"pump-1","tag":"t","quality":"good","receivedTimeMs":1}', 'line 2: value'],
  ['{"picture":"000001.ppm"}', 'line 2 has a picture'],
])('a line that is no sample ends it with its number: %s', async (line, message) => {
  const { flow, recording } = await pump()
  const [sample] = recording.split('\n')
  const blob = new Blob([`${sample}\n${line}`])
  await expect(replayHere({ flow, recording: blob, golden: undefined }, deps)).rejects.toThrow(message)
})

test('the models that a flow asks are known before anything is tried', async () => {
  expect(modelsOf(await flowOf('pump-anomaly'))).toContain('anomaly')
  expect(modelsOf(await flowOf('pump-vibration'))).toEqual([])
})
