/** A process that is killed in the middle of whatever it does to a queue: afterwards each value that was handed over has been sent, is still there, or is counted. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Lane } from '@skerry/contract/sinks/sink-value'
import { systemClock } from '@skerry/platform/process/clock'
import { rounds, strict } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { expect, onTestFinished, test } from 'vitest'
import { openForwardQueue } from '../../src/forwarding/queue.ts'
import { startSink } from '../../src/sinks/sink-host.ts'
import { KILLED_SINK } from '../stage/hand-over-sink.ts'

const QUEUE_CHILD = fileURLToPath(new URL('../stage/forwarding-child.ts', import.meta.url))
const HOST_CHILD = fileURLToPath(new URL('../stage/hand-over-child.ts', import.meta.url))

const KILLS = strict('a kill that loses a value is a finding')

/** Each round starts a process that loads the connectors; another moment is met each time. */
const ROUNDS = rounds({ quick: 3, deep: 12 })
const MOMENTS = ['begun', 'stored', 'stored', 'begun', 'stored']

type Told = { lane: Lane; appended?: number; first?: number; sent?: number }

/** Runs it for a moment, and kills it. */
async function killAfter(words: readonly string[], ms: number): Promise<void> {
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  if (child.stdout) await once(child.stdout, 'data')
  await systemClock.sleep(ms, new AbortController().signal)
  child.kill('SIGKILL')
  await ended
}

test('each value is sent, still there, or counted, wherever the process was killed', KILLS, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-forwarding-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'queue')
  const file = join(folder, 'told')
  writeFileSync(file, '')
  for (let round = 0; round < ROUNDS; round += 1) {
    await killAfter([QUEUE_CHILD, path, file], Math.random() * 150)
    const told = readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line): Told[] => (line === '' ? [] : [JSON.parse(line)]))
    using queue = openForwardQueue({
      path,
      limits: { bytesMax: 60_000, ageMaxSeconds: 3_600 },
      valuesMax: 50,
      clock: systemClock,
    })
    expect(queue.isReplaced).toBe(false)
    for (const lane of Lane.options) checkLane(queue, lane, told)
  }
})

function checkLane(queue: ReturnType<typeof openForwardQueue>, lane: Lane, told: readonly Told[]): void {
  const of = told.filter((line) => line.lane === lane)
  const appended = of.reduce((sum, line) => sum + (line.appended ?? 0), 0)
  const accounted = new Set<number>()
  const add = (first: number, count: number) => {
    for (let at = first; at < first + count; at += 1) accounted.add(at)
  }
  for (const { first = 1, sent = 0 } of of) add(first, sent)
  for (const { first, count } of queue.losses().filter((loss) => loss.lane === lane)) add(first, count)
  const { waiting = 0 } = queue.lanes().find((facts) => facts.lane === lane) ?? {}
  const next = queue.take(lane)
  queue.release()
  if (next) add(next.first, waiting)
  // What the process had appended and not told yet may be there, too; nothing in between may be missing.
  const missing = Array.from({ length: appended }, (_, index) => index + 1).filter((at) => !accounted.has(at))
  expect([lane, missing]).toEqual([lane, []])
}

test(
  'what was handed to a sink arrives or is counted, to the value, also what was not on the disk yet when the process was killed',
  KILLS,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'skerry-handed-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const told = join(folder, 'told')
    writeFileSync(told, '')
    for (const when of MOMENTS.slice(0, rounds({ quick: 2, deep: MOMENTS.length })))
      await killAfter([HOST_CHILD, folder, told, when], Math.random() * 150)
    await using host = startSink(
      { sink: KILLED_SINK, folder, secrets: {} },
      { clock: systemClock, random: Math.random, onState: () => undefined },
    )
    await until(() => host.figures().forward?.waiting === 0, { seen: () => host.figures() })
    // A file may have a value twice after a kill, under one id.
    const lines = readFileSync(join(folder, 'values/out.open.jsonl'), 'utf8').trimEnd().split('\n')
    const arrived = new Set(lines.map((line): unknown => JSON.parse(line).id)).size
    const { forward, losses } = host.figures()
    const accounted = arrived + (forward?.lost ?? 0)
    const said = readFileSync(told, 'utf8')
    const [begun, done] = ['<', '>'].map((sign) => said.split(sign).length - 1)
    // Of the one that was being handed over when a kill came nobody can say on which side of it that was.
    expect(accounted).toBeGreaterThanOrEqual(done ?? 0)
    expect(accounted).toBeLessThanOrEqual(begun ?? 0)
    for (const { reason, first, last, count } of losses) expect([reason, last - first + 1]).toEqual(['unstored', count])
  },
)
