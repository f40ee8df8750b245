import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readingOf } from '@skerry/connectors/reading'
import type { FlowOutput } from '@skerry/contract/flows/flow-recording'
import { SimulatorTag } from '@skerry/contract/sources/protocols/source-simulator'
import type { Group } from '@skerry/contract/sources/source'
import type { TagContent } from '@skerry/contract/sources/tag'
import type { ModelAnswer } from '@skerry/flows/model-step'
import { systemClock } from '@skerry/platform/process/clock'
import { createLog } from '@skerry/platform/process/log'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { FlowBoard } from './flow-board.ts'
import { createFlowSlots } from './flow-slots.ts'

const signal = { kind: 'constant' as const, value: 1 }
const group: Group = {
  name: 'fast',
  everyMs: 100,
  tags: ['other', 'pressure'].map((name) => SimulatorTag.parse({ name, signal })),
}
const flow = (changes: object = {}) => ({
  name: 'watch',
  inputs: [{ name: 'pressure', source: 'press', tag: 'pressure' }],
  steps: [
    { name: 'last', kind: 'window', by: 'count', from: 'pressure', samples: 3 },
    { name: 'mean', kind: 'statistics', from: 'last', of: ['mean'] },
    { name: 'score', kind: 'model', from: ['mean'], model: 'm' },
  ],
  sinks: [
    { name: 'scores', kind: 'hub', from: 'score' },
    { name: 'coil', kind: 'tag', from: 'score', source: 'valve', tag: 'open' },
  ],
  ...changes,
})

async function openSlots() {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-flow-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const listeners = new Set<Parameters<FlowBoard['subscribe']>[1]>()
  const sent: FlowOutput[] = []
  const written: TagContent[] = []
  let answer: ModelAnswer | undefined
  const slots = createFlowSlots({
    clock: systemClock,
    random: Math.random,
    log: createLog({ name: 'test', level: 'silent' }),
    board: {
      subscribe(_source, listener) {
        listeners.add(listener)
        return { [Symbol.dispose]: () => void listeners.delete(listener) }
      },
      async write({ value }) {
        written.push(value)
        return { ok: true }
      },
      async send(_sink, output) {
        sent.push(output)
        return { ok: true }
      },
    },
    infer: async ({ inputs }) =>
      answer ?? { ok: true, tensors: [{ shape: [1], data: inputs[0]?.data.slice() ?? new Float64Array() }] },
    factsOf: () => undefined,
    sourceOf: () => undefined,
  })
  onTestFinished(() => slots.close())
  const file = async (name: string, text: string) => {
    await writeFile(join(folder, name), text)
    return { name, path: join(folder, name), seal: undefined }
  }
  let timeMs = 1_000
  return {
    slots,
    sent,
    written,
    listeners,
    file,
    load: async (slot: string, changes: object = {}) =>
      slots.load(slot, await file(`${slot}.json`, JSON.stringify(flow(changes)))),
    tell(value: number) {
      timeMs += 100
      const told = { quality: 'good' as const, value, receivedTimeMs: timeMs }
      const reading = readingOf(['other', 'pressure'].map((tag) => ({ tag, ...told })))
      for (const listener of listeners) listener({ ...reading, group: 'fast', news: undefined }, group)
    },
    answerWith(given: ModelAnswer | undefined) {
      answer = given
    },
    running: (name: string) => vi.waitFor(() => expect(slots.figures(name)?.state.kind).toBe('running'), PATIENCE_MS),
    told: (...values: unknown[]) =>
      vi.waitFor(
        () => expect(sent.map((one) => ('value' in one ? one.value : one.cause.code))).toEqual(values),
        PATIENCE_MS,
      ),
  }
}

test('a flow does nothing until it is live, and a new version keeps the contents of its windows', async () => {
  const it = await openSlots()
  expect(await it.load('one')).toEqual({ ok: true })
  expect(await it.load('two', { description: 'other words' })).toEqual({ ok: true })
  it.tell(100)
  expect(it.listeners.size).toBe(0)
  expect(it.slots.activate({ slot: 'one', name: 'watch', version: '1' })).toEqual({ ok: true })
  await it.running('watch')
  for (const value of [1, 2, 3]) it.tell(value)
  await it.told(2)
  expect(it.slots.activate({ slot: 'two', name: 'watch', version: '1' })).toEqual({ ok: true })
  // The other version received two values, and this one receives the third.
  it.tell(7)
  await it.told(2, 4)
  expect(it.written).toEqual([2, 4])
  expect(it.slots.activate({ slot: 'one', name: 'watch', version: '1' })).toEqual({ ok: true })
  it.tell(2)
  await it.told(2, 4, 4)
  expect(it.listeners.size).toBe(1)
  await it.slots.deactivate('watch')
  expect(it.listeners.size).toBe(0)
  expect(await it.slots.unload('one')).toEqual({ ok: true })
  expect(await it.slots.unload('one')).toMatchObject({ ok: false, code: 'slot_unknown' })
})

test('a flow reports requests and failures for each version apart', async () => {
  const it = await openSlots()
  await it.load('one')
  await it.load('two', { description: 'other words' })
  it.slots.activate({ slot: 'one', name: 'watch', version: '1' })
  await it.running('watch')
  it.answerWith({ ok: false, code: 'model_unknown', message: 'gone' })
  for (const value of [1, 2, 3]) it.tell(value)
  const stats = (slot: string) => it.slots.pulses().find((pulse) => pulse.slot === slot)?.stats
  await vi.waitFor(() => expect(stats('one')?.failures).toBeGreaterThan(0), PATIENCE_MS)
  expect(stats('two')).toEqual({ requests: 0, failures: 0 })
  it.answerWith(undefined)
  it.slots.activate({ slot: 'two', name: 'watch', version: '1' })
  it.tell(6)
  await vi.waitFor(() => expect(stats('two')?.requests).toBeGreaterThan(0), PATIENCE_MS)
  expect(stats('two')).toMatchObject({ failures: 0, p99Us: expect.any(Number) })
})

test('a recording is replayed with the models of the device, and the first difference is named', async () => {
  const it = await openSlots()
  await it.load('one')
  const line = (value: number, receivedTimeMs: number) =>
    JSON.stringify({ source: 'press', tag: 'pressure', quality: 'good', value, receivedTimeMs })
  const recording = await it.file('recording.jsonl', [line(1, 1), line(2, 2), line(3, 3)].join('\n'))
  const golden = (value: number) =>
    it.file(
      `golden-${value}.json`,
      JSON.stringify({
        tolerance: { absolute: 0.01, relative: 0 },
        outputs: ['scores', 'coil'].map((sink) => ({ sink, timeMs: 3, quality: 'good', value })),
      }),
    )
  const limit = AbortSignal.timeout(PATIENCE_MS)
  const replay = async (value: number) => it.slots.golden('one', { recording, golden: await golden(value) }, limit)
  expect(await replay(2)).toEqual({ ok: true })
  expect(await replay(2.5)).toMatchObject({ code: 'golden_mismatch', message: expect.stringContaining('sink scores') })
  expect(it.sent).toEqual([])
  expect(it.written).toEqual([])
})

test('an endless replay occupies a thread of its own only, and is ended', async () => {
  const it = await openSlots()
  const endless = "$contains($pad('', 40, 'a') & 'b', /^(a+)+$/)"
  await it.load('one', {
    steps: [{ name: 'score', kind: 'expression', from: ['pressure'], expression: endless }],
    sinks: [{ name: 'scores', kind: 'hub', from: 'score' }],
  })
  const sample = { source: 'press', tag: 'pressure', quality: 'good', value: 1, receivedTimeMs: 1, sourceTimeMs: 1 }
  const recording = await it.file('one.jsonl', `${JSON.stringify(sample)}\n`)
  const golden = await it.file('golden.json', '{ "outputs": [] }')
  const limit = AbortSignal.timeout(1_500)
  const replayed = it.slots.golden('one', { recording, golden }, limit)
  // The models of this runner keep serving.
  await vi.waitFor(() => expect(limit.aborted).toBe(true), PATIENCE_MS)
  expect(await replayed).toMatchObject({ ok: false, code: 'flow_trial_failed' })
})
