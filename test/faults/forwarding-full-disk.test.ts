/** A sink's queue on a real disk that fills: what found no room is counted on that very disk, what is delivered is noted, and all goes on when there is room. */
import { join } from 'node:path'
import { openForwardQueue } from '@skerry/connectors/forwarding/queue'
import { systemClock } from '@skerry/platform/process/clock'
import { expect, test } from 'vitest'
import { mountSmallDisk } from '../stage/small-disk.ts'

const isRoot = process.getuid?.() === 0

const MiB = 1024 ** 2

test.skipIf(!isRoot)(
  'each value is delivered or counted on a disk that is full, over a restart, too',
  async ({ skip }) => {
    await using disk = await mountSmallDisk(32 * MiB)
    if (!disk) return skip('nothing can be mounted here')
    const limits = { bytesMax: 1024 * MiB, ageMaxSeconds: 3_600 }
    const options = { path: join(disk.path, 'queue'), limits, valuesMax: 100, clock: systemClock }
    const offered = { stored: 0, lost: 0 }
    let at = 0
    const append = (queue: ReturnType<typeof openForwardQueue>) => {
      const values = Array.from({ length: 100 }, () => ({
        signal: `s${at}`,
        quality: 'good' as const,
        value: 'x'.repeat(200),
        eventTimeMs: ++at,
      }))
      const { lost } = queue.append([{ lane: 'normal', values }])
      offered.lost += lost
      offered.stored += values.length - lost
      return lost
    }
    const delivered: number[] = []
    const deliver = (queue: ReturnType<typeof openForwardQueue>, batches: number) => {
      for (let count = 0; count < batches; count += 1) {
        const batch = queue.take('normal')
        if (!batch) return
        queue.finish(batch)
        delivered.push(...batch.values.map(({ eventTimeMs }) => eventTimeMs))
      }
    }
    {
      using queue = openForwardQueue(options)
      for (let count = 0; count < 50; count += 1) append(queue)
      await disk.fill(0)
      for (let tries = 0; tries < 200 || append(queue) === 0; tries += 1) append(queue)
      expect(offered.lost).toBeGreaterThan(0)
      // On the full disk.
      deliver(queue, 5)
      expect(delivered).toHaveLength(500)
      expect(queue.losses().reduce((sum, { count }) => sum + count, 0)).toBe(offered.lost)
    }
    await disk.empty()
    using queue = openForwardQueue(options)
    expect(queue.losses().reduce((sum, { count }) => sum + count, 0)).toBe(offered.lost)
    for (let count = 0; count < 10; count += 1) expect(append(queue)).toBe(0)
    deliver(queue, 1_000_000)
    expect(delivered).toHaveLength(offered.stored)
    const lost = queue
      .losses()
      .flatMap(({ fromMs, toMs }) => Array.from({ length: toMs - fromMs + 1 }, (_, index) => fromMs + index))
    // Event times are numbers here: together they are all that was offered, each once.
    expect([...delivered, ...lost].sort((a, b) => a - b)).toEqual(Array.from({ length: at }, (_, index) => index + 1))
  },
)
