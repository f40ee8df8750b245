import { Source } from '@skerry/contract/sources/source'
import { systemClock } from '@skerry/platform/process/clock'
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import { sizeOf } from '../src/reading.ts'
import { startSource } from '../src/sources/source-host.ts'
import type { SourceState } from '../src/sources/source-state.ts'
import { ownThreads } from '../src/sources/source-threads.ts'
import { NO_SURROUNDINGS } from './stage/stage.ts'

const source = Source.parse({
  name: 'press-7',
  protocol: 'simulator',
  groups: [{ name: 'all', everyMs: 10, tags: [{ name: 'tag', signal: { kind: 'constant', value: 1 }, write: {} }] }],
})

test('a library that throws ends its own thread only; it is started anew, and left alone after it did so five times', async () => {
  const states: SourceState[] = []
  const quarantined = Promise.withResolvers<void>()
  await using host = startSource(source, {
    clock: systemClock,
    random: () => 0,
    onReading: () => undefined,
    ...NO_SURROUNDINGS,
    onState(state) {
      states.push(state)
      if (state.kind === 'quarantined') quarantined.resolve()
    },
    threads: ownThreads(new URL('./stage/crashing-thread.mjs', import.meta.url)),
  })
  await quarantined.promise
  expect(states.map(({ kind }) => kind)).toEqual([...Array(4).fill('crashed'), 'quarantined'])
  expect(host.state()).toEqual({
    kind: 'quarantined',
    cause: { code: 'connector_crashed', message: 'offset is out of bounds' },
  })
  expect(host.figures().crashes).toBe(5)
  expect(await host.write('tag', 2)).toMatchObject({ ok: false, code: 'write_refused' })
})

test('figures say what each group did', async () => {
  let values = 0
  await using host = startSource(source, {
    clock: systemClock,
    random: Math.random,
    onState: () => undefined,
    ...NO_SURROUNDINGS,
    onReading: (reading) => {
      values += sizeOf(reading)
    },
  })
  await until(() => (host.figures().groups[0]?.rounds ?? 0) >= 5)
  const { groups, lost, crashes } = host.figures()
  expect(groups).toMatchObject([{ group: 'all', untold: 0 }])
  expect([lost, crashes]).toEqual([0, 0])
  expect(values).toBeGreaterThanOrEqual(groups[0]?.told ?? 0)
})

test('what a host does not take in time is lost, and counted: each value that was told was taken, or is among the lost', async () => {
  let taken = 0
  let known: unknown
  const balances: { told: number; lost: number; taken: number }[] = []
  await using host = startSource(source, {
    clock: systemClock,
    random: Math.random,
    onState: () => undefined,
    ...NO_SURROUNDINGS,
    onReading(reading) {
      // All that was told before these figures has come by now, and nothing that was told after them.
      const { groups, lost } = host.figures()
      if (groups !== known) balances.push({ told: groups[0]?.told ?? 0, lost, taken })
      known = groups
      taken += sizeOf(reading)
    },
  })
  const busy = new Int32Array(new SharedArrayBuffer(4))
  const isBalancedWithLoss = () => balances.some(({ lost }) => lost > 0)
  while (!isBalancedWithLoss()) {
    Atomics.wait(busy, 0, 0, 700)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  for (const { told, lost, taken } of balances) expect(taken + lost).toBe(told)
})
