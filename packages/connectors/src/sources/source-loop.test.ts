/**
 * Source loop: which readings are reported, which rounds are left out, and the fate of readings that nobody took.
 * The clock moves only during a sleep.
 */
import { SimulatorSource } from '@skerry/contract/sources/source'
import { expect, test } from 'vitest'
import { type GroupReading, valuesOf } from '../reading.ts'
import { createSourceLoop, retryMs } from './source-loop.ts'

/** Reads until the given time. Returns the reports, as `tag=value` or the reason of a bad value, and the counters. */
async function run(group: object, { untilMs, connection = {}, isTaken = () => true, throwsAtMs = -1 }: Run) {
  const source = SimulatorSource.parse({
    name: 'press',
    protocol: 'simulator',
    connection,
    groups: [{ name: 'all', ...group }],
  })
  const stop = new AbortController()
  const told: string[] = []
  let ms = 0
  const clock = {
    nowMs: () => ms,
    monotonicMs: () => ms,
    async sleep(forMs: number, signal: AbortSignal) {
      ms += forMs
      if (ms >= untilMs) stop.abort()
      signal.throwIfAborted()
    },
  }
  const loop = createSourceLoop(source, {
    clock,
    random: () => 0.5,
    secrets: {},
    stateFolder: '',
    room: async () => undefined,
    onReading(reading: GroupReading) {
      const [own] = source.groups
      if (!isTaken(ms) || !own) return false
      if (ms === throwsAtMs) loop.threw(new RangeError('offset is out of bounds'))
      told.push(...valuesOf(reading, own).map((one) => `${one.tag}=${'value' in one ? one.value : one.cause.code}`))
      return true
    },
    onState: () => undefined,
  })
  await expect(loop.run(stop.signal)).rejects.toThrow()
  return { told, figures: loop.figures()[0] }
}
type Run = { untilMs: number; connection?: object; isTaken?: (ms: number) => boolean; throwsAtMs?: number }

const SECONDS = { everyMs: 1_000 }

/** The value of the tag is the second, counted from `first`. */
const rising = (first: number) => ({ kind: 'ramp', from: first, to: first + 1_000, periodSeconds: 1_000 })

test('a value is passed on if it moved beyond its deadband, by amount or by percentage; the others are counted', async () => {
  const tags = [
    { name: 'amount', signal: rising(0), deadband: { absolute: 3 } },
    { name: 'share', signal: rising(20), deadband: { percent: 10 } },
  ]
  const { told, figures } = await run({ ...SECONDS, tags }, { untilMs: 13_000 })
  expect(told.filter((one) => one.startsWith('amount'))).toEqual(['amount=0', 'amount=4', 'amount=8', 'amount=12'])
  // 20 and a tenth is 22, 23 and a tenth is 25.3, 26 and a tenth is 28.6, 29 and a tenth is 31.9.
  expect(told.filter((one) => one.startsWith('share'))).toEqual([
    'share=20',
    'share=23',
    'share=26',
    'share=29',
    'share=32',
  ])
  expect(figures).toMatchObject({ rounds: 13, told: told.length, untold: 2 * 13 - told.length, skipped: 0 })
})

test('a round that would begin before the last one ended is skipped, and counted', async () => {
  const tags = [{ name: 'level', signal: rising(0) }]
  const { figures } = await run({ everyMs: 100, tags }, { untilMs: 3_001, connection: { delayMs: 250 } })
  // Each takes until the third of its own time: of three one is read.
  expect(figures).toMatchObject({ rounds: 10, skipped: 20, told: 10, lastMs: 250 })
})

test('a value that nobody took is passed on again, though it has not changed', async () => {
  const tags = [{ name: 'door', signal: { kind: 'constant', value: true }, deadband: { absolute: 0 } }]
  const isTaken = (ms: number) => ms >= 3_000
  const { told, figures } = await run({ ...SECONDS, tags }, { untilMs: 10_000, isTaken })
  expect(told).toEqual(['door=true'])
  expect(figures).toMatchObject({ rounds: 10, told: 4, untold: 6 })
})

test('the loss of equipment is passed on again until somebody takes it, and then no more', async () => {
  const tags = [{ name: 'level', signal: { kind: 'constant', value: 7 } }]
  const connection = { disconnects: [{ everySeconds: 100, atSeconds: 5, forSeconds: 60 }] }
  const isTaken = (ms: number) => ms < 5_000 || ms >= 20_000
  const { told } = await run({ ...SECONDS, tags }, { untilMs: 50_000, connection, isTaken })
  expect(told).toEqual([...Array(5).fill('level=7'), 'level=source_unreachable'])
})

test('an exception anywhere in a library ends the connection; the next connection works as before', async () => {
  const tags = [{ name: 'level', signal: { kind: 'constant', value: 7 } }]
  const { told } = await run({ ...SECONDS, tags }, { untilMs: 5_000, throwsAtMs: 2_000 })
  const inOrder = told.filter((one, at) => one !== told[at - 1])
  expect(inOrder).toEqual(['level=7', 'level=source_lost', 'level=7'])
})

test('chance never repeats a denied attempt at once', () => {
  expect(retryMs({ code: 'source_refused' }, 0, 0)).toBe(5_000)
  expect(retryMs({ code: 'source_refused' }, 0, 1)).toBe(10_000)
  expect(retryMs({ code: 'source_unreachable' }, 0, 0)).toBe(0)
})
