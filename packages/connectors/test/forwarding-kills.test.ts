/** A process that is killed in the middle of whatever it does to its queue: afterwards each value has been sent, is still there, or is counted. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Lane } from '@skerry/contract/sink-value'
import { systemClock } from '@skerry/platform/clock'
import { expect, onTestFinished, test } from 'vitest'
import { openForwardQueue } from '../src/forwarding/queue.ts'

const CHILD = fileURLToPath(new URL('./forwarding-child.ts', import.meta.url))

type Told = { lane: Lane; appended?: number; first?: number; sent?: number }

/** Runs it for a moment, and kills it. */
async function killAfter(path: string, told: string, ms: number): Promise<void> {
  const child = spawn(process.execPath, [CHILD, path, told], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  if (child.stdout) await once(child.stdout, 'data')
  await systemClock.sleep(ms, new AbortController().signal)
  child.kill('SIGKILL')
  await ended
}

test('each value is sent, still there, or counted, wherever the process was killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-forwarding-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [path, file] = [join(folder, 'queue'), join(folder, 'told')]
  writeFileSync(file, '')
  for (let round = 0; round < 12; round += 1) {
    await killAfter(path, file, Math.random() * 150)
    const told = readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line): Told[] => (line === '' ? [] : [JSON.parse(line)]))
    using queue = openForwardQueue({
      ...{ path, limits: { bytesMax: 60_000, ageMaxSeconds: 3_600 }, valuesMax: 50, clock: systemClock },
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
