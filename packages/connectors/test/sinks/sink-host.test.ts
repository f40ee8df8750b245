/** Sink host: a sink in its own thread, with its figures, restarts and quarantine. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Sink } from '@skerry/contract/sinks/sink'
import { systemClock } from '@skerry/platform/process/clock'
import { until } from '@skerry/testkit/until'
import { expect, onTestFinished, test } from 'vitest'
import { startSink } from '../../src/sinks/sink-host.ts'
import type { SinkState } from '../../src/sinks/sink-state.ts'

const sink = Sink.parse({ name: 'out', protocol: 'file', connection: { folder: 'values' } })
const value = { signal: 's', quality: 'good' as const, value: 1, eventTimeMs: 1 }

function newFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-sink-host-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

test('a sink runs in a thread of its own, and reports its figures', async () => {
  const folder = newFolder()
  await using host = startSink(
    { sink, folder, secrets: {} },
    { clock: systemClock, random: Math.random, onState: () => undefined },
  )
  expect(await host.offer([value, value], 'normal')).toEqual({ lost: 0 })
  await until(() => host.figures().forward?.delivered === 2)
  expect(host.figures()).toMatchObject({ crashes: 0, unstored: 0, losses: [], forward: { waiting: 0 } })
  expect(readFileSync(join(folder, 'values/out.open.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(2)
})

test('an exception in a library ends its own thread only, losses are counted, and the fifth leads to quarantine', async () => {
  const states: SinkState[] = []
  const quarantined = Promise.withResolvers<void>()
  const order = { sink, folder: newFolder(), secrets: {} }
  await using host = startSink(order, {
    clock: systemClock,
    random: () => 0,
    onState(state) {
      states.push(state)
      if (state.kind === 'quarantined') quarantined.resolve()
    },
    thread: new URL('../stage/crashing-thread.mjs', import.meta.url),
  })
  expect(await host.offer([value, value, value], 'normal')).toEqual({ lost: 3 })
  await quarantined.promise
  expect(states.map(({ kind }) => kind)).toEqual([...Array(4).fill('crashed'), 'quarantined'])
  expect(await host.offer([value], 'urgent')).toEqual({ lost: 1 })
  expect(host.figures()).toMatchObject({ crashes: 5, unstored: 4 })
  await host[Symbol.asyncDispose]()
  // The next host opens the same queue, and has the same counts.
  await using next = startSink(order, { clock: systemClock, random: () => 0, onState: () => undefined })
  await until(() => next.figures().forward?.lost === 4, { seen: () => next.figures() })
  expect(next.figures()).toMatchObject({
    unstored: 0,
    losses: [
      { lane: 'urgent', count: 1 },
      { lane: 'normal', reason: 'unstored', count: 3 },
    ],
  })
})

test("a sink to the hub sends over a link that comes and goes, and continues at the hub's last value", async () => {
  const taken: number[] = []
  let isThere = false
  let calls = 0
  await using host = startSink(
    { sink: Sink.parse({ name: 'hub', protocol: 'hub', batch: { lingerMs: 1 } }), folder: newFolder(), secrets: {} },
    {
      clock: systemClock,
      random: () => 0.01,
      onState: () => undefined,
      async hub({ first, values }) {
        calls += 1
        if (!isThere) return { kind: 'away', message: 'no link' }
        if (values.some(({ signal }) => signal === 'bad')) return { kind: 'refused', message: 'no such signal' }
        taken.push(...values.map((_, index) => first + index))
        return { kind: 'held', last: first + values.length - 1 }
      },
    },
  )
  expect(await host.offer([value, { ...value, signal: 'bad' }, value], 'normal')).toEqual({ lost: 0 })
  await until(() => calls >= 3)
  await until(() => host.state().kind === 'down', { everyMs: 1 })
  expect(host.state()).toMatchObject({ kind: 'down', cause: { code: 'sink_unreachable' } })
  isThere = true
  await until(() => taken.length >= 2)
  expect(taken).toEqual([1, 3])
  await until(() => host.figures().losses.length > 0)
  expect(host.figures().losses).toMatchObject([{ reason: 'refused', first: 2, last: 2 }])
})
