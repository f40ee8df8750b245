/** Source loop: what is told of what is read, which rounds are left out, and what becomes of what nobody took; by a clock that only moves where it sleeps. */
import { SimulatorSource } from '@skerry/contract/sources/source'
import { expect, test } from 'vitest'
import { type GroupReading, valuesOf } from '../reading.ts'
import { createSourceLoop } from './source-loop.ts'

/** Reads until so late; what it told, `tag=value` or why there is none, and what it counted. */
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

/** Its value is the second, from `first` on. */
const rising = (first: number) => ({ kind: 'ramp', from: first, to: first + 1_000, periodSeconds: 1_000 })

test('of a tag that moves only what has moved beyond its deadband is told, by an amount or by a share; the rest is counted', async () => {
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

test('rounds that would begin while the one before still runs are left out, and counted', async () => {
  const tags = [{ name: 'level', signal: rising(0) }]
  const { figures } = await run({ everyMs: 100, tags }, { untilMs: 3_001, connection: { delayMs: 250 } })
  // Each takes until the third of its own time: of three one is read.
  expect(figures).toMatchObject({ rounds: 10, skipped: 20, told: 10, lastMs: 250 })
})

test('what nobody took is told again, though it has not moved since', async () => {
  const tags = [{ name: 'door', signal: { kind: 'constant', value: true }, deadband: { absolute: 0 } }]
  const isTaken = (ms: number) => ms >= 3_000
  const { told, figures } = await run({ ...SECONDS, tags }, { untilMs: 10_000, isTaken })
  expect(told).toEqual(['door=true'])
  expect(figures).toMatchObject({ rounds: 10, told: 4, untold: 6 })
})

test('that equipment is away is told again until somebody took it, and then no more', async () => {
  const tags = [{ name: 'level', signal: { kind: 'constant', value: 7 } }]
  const connection = { disconnects: [{ everySeconds: 100, atSeconds: 5, forSeconds: 60 }] }
  const isTaken = (ms: number) => ms < 5_000 || ms >= 20_000
  const { told } = await run({ ...SECONDS, tags }, { untilMs: 50_000, connection, isTaken })
  expect(told).toEqual([...Array(5).fill('level=7'), 'level=source_unreachable'])
})

test('what a library throws from wherever it likes ends the connection; the next one is as good as the first', async () => {
  const tags = [{ name: 'level', signal: { kind: 'constant', value: 7 } }]
  const { told } = await run({ ...SECONDS, tags }, { untilMs: 5_000, throwsAtMs: 2_000 })
  const inOrder = told.filter((one, at) => one !== told[at - 1])
  expect(inOrder).toEqual(['level=7', 'level=source_lost', 'level=7'])
})
