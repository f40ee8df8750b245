import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MachineMoment } from '@skerry/core/campaigns/training-moment'
import { expect, test } from 'vitest'
import { inGoodMoment, watchMachine } from './training-moment.ts'

const WHEN = { isIdle: true, isPowered: false, hours: undefined }

/** A machine that is busy as listed, at each look. Its clock goes on only in waits. */
function stage(busy: readonly number[], deadlineMs = 600_000) {
  let nowMs = 0
  let looks = 0
  const lines: string[] = []
  const waiting = {
    when: WHEN,
    watch: async (): Promise<MachineMoment> => {
      const busyShare = busy[Math.min(looks, busy.length - 1)] ?? 0
      looks += 1
      return { busyShare, isOnBattery: false, minuteOfDay: 0 }
    },
    clock: {
      nowMs: () => nowMs,
      async sleep(ms: number) {
        nowMs += ms
      },
    },
    log: { info: (event: string) => void lines.push(event) },
    deadlineMs,
  }
  return { waiting, lines, nowMs: () => nowMs }
}

const never = new AbortController().signal

/** Work that ends only when it is stopped. */
const endless = (signal: AbortSignal) =>
  new Promise<string>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('stopped')))
  })

test('a training begins when the machine is idle, is stopped for other work, and begins again', async () => {
  const { waiting, lines } = stage([0, 0.5, 0.1, 0.4, 0.9, 0.5, 0.1])
  let begun = 0
  const work = async (signal: AbortSignal) => {
    begun += 1
    return begun === 1 ? endless(signal) : 'trained'
  }
  expect(await inGoodMoment(waiting, work, never)).toEqual({ ok: true, value: 'trained' })
  expect(begun).toBe(2)
  expect(lines).toEqual(['training_waits', 'training_stopped', 'training_waits'])
})

test('without conditions the work begins at once, and its failure is passed on', async () => {
  const { waiting, nowMs } = stage([1])
  const plain = { ...waiting, when: undefined }
  expect(await inGoodMoment(plain, async () => 'trained', never)).toEqual({ ok: true, value: 'trained' })
  expect(nowMs()).toBe(0)
  await expect(inGoodMoment(stage([0]).waiting, () => Promise.reject(new Error('no memory')), never)).rejects.toThrow(
    'no memory',
  )
})

test('a machine that is never idle says so before the deadline', async () => {
  const { waiting, nowMs } = stage([0.8], 60_000)
  const none = await inGoodMoment(waiting, endless, never)
  expect(none).toMatchObject({ ok: false, message: 'other work uses 80 % of its processors, more than 25 %' })
  expect(nowMs()).toBeLessThan(60_000)
})

test('a machine runs on its battery when one of its supplies is being discharged', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-supplies-'))
  const watch = watchMachine(folder)
  expect(await watch()).toMatchObject({ isOnBattery: false })
  await mkdir(join(folder, 'AC'))
  await mkdir(join(folder, 'BAT0'))
  await writeFile(join(folder, 'BAT0', 'status'), 'Charging\n')
  expect((await watch()).isOnBattery).toBe(false)
  await writeFile(join(folder, 'BAT0', 'status'), 'Discharging\n')
  const moment = await watch()
  expect(moment.isOnBattery).toBe(true)
  expect(moment.busyShare).toBeGreaterThanOrEqual(0)
  expect(moment.busyShare).toBeLessThanOrEqual(1)
  await rm(folder, { recursive: true })
})
