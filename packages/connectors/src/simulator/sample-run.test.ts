import type { FlowSample } from '@skerry/contract/flows/flow-recording'
import { SimulatorSource } from '@skerry/contract/sources/source'
import { expect, test } from 'vitest'
import { runSimulators } from './sample-run.ts'

const never = new AbortController().signal

const source = (name: string, groups: object[], connection: object = {}) =>
  SimulatorSource.parse({ name, protocol: 'simulator', connection: { seed: 5, ...connection }, groups })

const WALK = { name: 'walk', signal: { kind: 'walk', start: 0, step: 1, min: -5, max: 5 } }
const ONE = { name: 'one', signal: { kind: 'constant', value: 1 } }

async function samples(sources: readonly SimulatorSource[], seconds: number): Promise<FlowSample[]> {
  const found: FlowSample[] = []
  for await (const sample of runSimulators(sources, { fromMs: 1_000, seconds }, never)) found.push(sample)
  return found
}

const shortly = ({ receivedTimeMs, source: from, tag, apart }: FlowSample) =>
  `${receivedTimeMs} ${from}/${tag}${apart ? ' apart' : ''}`

test('groups of several simulators are read at their rates, in the order of time', async () => {
  const a = source('a', [{ name: 'all', everyMs: 1_000, tags: [ONE, WALK] }])
  const b = source('b', [{ name: 'all', everyMs: 1_500, tags: [ONE] }], { delayMs: 60_000 })
  expect((await samples([a, b], 3)).map(shortly)).toEqual([
    '1000 a/one',
    '1000 a/walk',
    '1000 b/one apart',
    '2000 a/one',
    '2000 a/walk',
    '2500 b/one',
    '3000 a/one',
    '3000 a/walk',
  ])
})

test('the same simulators give the same samples, and another seed gives others', async () => {
  const walker = (seed: number) => [source('a', [{ name: 'all', everyMs: 100, tags: [WALK] }], { seed })]
  const first = await samples(walker(5), 20)
  expect(first).toHaveLength(200)
  expect(await samples(walker(5), 20)).toEqual(first)
  expect(await samples(walker(6), 20)).not.toEqual(first)
})

test('a run ends when its signal fires', async () => {
  const stop = new AbortController()
  const run = runSimulators(
    [source('a', [{ name: 'all', everyMs: 100, tags: [ONE] }])],
    { fromMs: 0, seconds: 3_600 },
    stop.signal,
  )
  await run.next()
  stop.abort(new Error('stopped'))
  await expect(run.next()).rejects.toThrow('stopped')
})
