/**
 * The values of a flow on their way from a source with units to a sink, as all three run in the runner. They carry
 * unit, source and tag.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf } from '@skerry/platform/files/hash'
import { systemClock } from '@skerry/platform/process/clock'
import { createLog } from '@skerry/platform/process/log'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createSinkFleet } from '../equipment/sink-fleet.ts'
import { createSourceBoard } from '../equipment/source-board.ts'
import { createSourceFleet } from '../equipment/source-fleet.ts'
import { openTagDoor } from '../equipment/tag-writes.ts'
import { createFlowSlots } from './flow-slots.ts'
import { sinkValueOf } from './flow-value.ts'

const pressOf = (unit: string) => ({
  name: 'press',
  protocol: 'simulator',
  groups: [
    {
      name: 'all',
      everyMs: 50,
      tags: [{ name: 'temperature', unit, signal: { kind: 'constant', value: 100 } }],
    },
  ],
})

const FILE = { name: 'log', protocol: 'file', connection: { folder: 'values' }, batch: { lingerMs: 1 } }

const to = { kind: 'sink', sink: 'log', everyMs: 20 } as const
const FLOW = {
  name: 'watch',
  inputs: [{ name: 'hot', source: 'press', tag: 'temperature' }],
  steps: [
    { name: 'fahrenheit', kind: 'convert', from: 'hot', unit: { from: '°C', to: '°F' } },
    { name: 'last', kind: 'window', by: 'count', from: 'hot', samples: 2 },
    { name: 'mean', kind: 'statistics', from: 'last', of: ['mean'] },
    { name: 'score', kind: 'model', from: ['mean'], model: 'm' },
    { name: 'alarm', kind: 'threshold', from: 'mean', above: 90 },
  ],
  sinks: [
    { name: 'raw', from: 'hot', ...to },
    { name: 'warm', from: 'fahrenheit', ...to },
    { name: 'mean', from: 'mean', ...to },
    { name: 'score', from: 'score', unit: '1/h', ...to },
    { name: 'alarm', from: 'alarm', ...to },
  ],
}

async function written(folder: string, said: { name: string }) {
  const text = JSON.stringify(said)
  const path = join(folder, `${said.name}.json`)
  await writeFile(path, text)
  return { name: said.name, path, digest: digestOf(text) }
}

test('a value that leaves carries the unit, the source and the tag, after a change of the source too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-origins-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const board = createSourceBoard()
  const deps = { clock: systemClock, random: () => 0.01 }
  await using sources = createSourceFleet({ ...deps, board })
  const become = async (unit: string) =>
    sources.become({ sources: [await written(folder, pressOf(unit))], secrets: {}, stateFolder: folder })
  await become('°C')
  const hub = async () => ({ kind: 'away' as const, message: 'no link' })
  const door = openTagDoor(sources)
  await using sinks = createSinkFleet({ ...deps, board, hub, door, sourceOf: () => undefined })
  const folders = { folder: join(folder, 'sinks'), hubFolder: join(folder, 'hub') }
  await sinks.become({ sinks: [await written(folder, FILE)], secrets: {}, ...folders })
  const flows = createFlowSlots({
    ...deps,
    log: createLog({ name: 'test', level: 'silent' }),
    board: {
      subscribe: board.subscribe,
      write: async () => ({ ok: true }),
      async send(sink, output, from) {
        const value = sinkValueOf(sink, output, from)
        return value ? sinks.offer(sink, value, 'normal') : { ok: false, code: 'unnamed', message: 'no name' }
      },
    },
    infer: async ({ inputs }) => ({
      ok: true,
      tensors: [{ shape: [1], data: inputs[0]?.data.slice() ?? new Float64Array() }],
    }),
    factsOf: () => undefined,
    sourceOf: sources.source,
  })
  onTestFinished(() => flows.close())
  const { path } = await written(folder, FLOW)
  expect(flows.load('one', { name: 'flow.json', path, seal: undefined })).toEqual({ ok: true })
  flows.activate({ slot: 'one', name: 'watch', version: '1' })
  const newest = async () => {
    const text = await readFile(join(folders.folder, 'log', 'values/log.open.jsonl'), 'utf8')
    const lines = text.trimEnd().split('\n')
    const values = lines.map((line): Record<string, unknown> => JSON.parse(line))
    return Object.fromEntries(
      values.map(({ signal, source, tag, flow, unit, value }) => [signal, { source, tag, flow, unit, value }]),
    )
  }
  const from = { source: 'press', tag: 'temperature', flow: 'watch' }
  const told = (unit: string) => async () =>
    expect(await newest()).toEqual({
      'watch/raw': { ...from, unit, value: 100 },
      'watch/warm': { ...from, unit: '°F', value: expect.closeTo(212, 6) },
      'watch/mean': { ...from, unit, value: 100 },
      'watch/score': { ...from, unit: '1/h', value: 100 },
      'watch/alarm': { ...from, unit: undefined, value: 1 },
    })
  await vi.waitFor(told('°C'), PATIENCE_MS)
  const look = await flows.look('watch')
  expect(new Set(look?.parts.map(({ part, name, unit }) => [part, name, unit]))).toEqual(
    new Set([
      ['input', 'hot', '°C'],
      ['step', 'fahrenheit', '°F'],
      ['step', 'last', '°C'],
      ['step', 'mean', '°C'],
      ['step', 'score', undefined],
      ['step', 'alarm', undefined],
      ['sink', 'raw', '°C'],
      ['sink', 'warm', '°F'],
      ['sink', 'mean', '°C'],
      ['sink', 'score', '1/h'],
      ['sink', 'alarm', undefined],
    ]),
  )
  await become('K')
  await vi.waitFor(told('K'), PATIENCE_MS)
})
