/** Training moment: a training waits until the owner lets the device train, and is stopped when the moment is over. */
import { readdir, readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { type MachineMoment, momentTrouble, type TrainingWhen } from '@skerry/core/campaigns/training-moment'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'

/** A share of the processors over less time jumps with each request. */
const LOOK_MS = 5_000

/** The report of a device that never found a moment must reach the hub before the deadline. */
const REPORT_MS = 10_000

/** Reads the state of the machine now. The share of the processors is since the reading before. */
export type MachineWatch = () => Promise<MachineMoment>

type Waiting = {
  when: TrainingWhen | undefined
  watch: MachineWatch
  clock: Pick<Clock, 'nowMs' | 'sleep'>
  log: Pick<Log, 'info'>
  deadlineMs: number
}

type Moment<Result> = { ok: true; value: Result } | { ok: false; message: string }

/**
 * Does the work in a moment in which the device may train. Work that is stopped begins again in the next moment. Not ok:
 * there was no such moment until shortly before the deadline.
 */
export async function inGoodMoment<Result>(
  waiting: Waiting,
  work: (signal: AbortSignal) => Promise<Result>,
  signal: AbortSignal,
): Promise<Moment<Result>> {
  const { when, watch, clock, log, deadlineMs } = waiting
  if (!when) return { ok: true, value: await work(signal) }
  await watch()
  for (let isSaid = false; ; ) {
    await clock.sleep(LOOK_MS, signal)
    const message = momentTrouble(when, await watch(), false)
    if (message === undefined) {
      const done = await untilTrouble({ ...waiting, when }, work, signal)
      if (done.ok) return done
    } else if (!isSaid) log.info('training_waits', { reason: message })
    isSaid = message !== undefined
    if (clock.nowMs() > deadlineMs - REPORT_MS)
      return { ok: false, message: message ?? 'other work stopped its training' }
  }
}

/** Not ok if the moment was over before the work. */
async function untilTrouble<Result>(
  { when, watch, clock, log }: Waiting & { when: TrainingWhen },
  work: (signal: AbortSignal) => Promise<Result>,
  signal: AbortSignal,
): Promise<Moment<Result>> {
  const ending = new AbortController()
  const running = work(AbortSignal.any([signal, ending.signal]))
  const ended = running.then(
    () => true,
    () => true,
  )
  for (;;) {
    const isOver = await Promise.race([ended, clock.sleep(LOOK_MS, signal).then(() => false)])
    if (isOver) return { ok: true, value: await running }
    const message = momentTrouble(when, await watch(), true)
    if (message === undefined) continue
    log.info('training_stopped', { reason: message })
    ending.abort()
    await ended
    signal.throwIfAborted()
    return { ok: false, message }
  }
}

/** A machine without a folder of power supplies has power. */
const SUPPLIES = '/sys/class/power_supply'

/** Watches this machine. A training has a low priority, and Linux counts its time apart, so it is not other work. */
export function watchMachine(supplies = SUPPLIES): MachineWatch {
  let before = processorTimes()
  return async () => {
    const now = processorTimes()
    const all = now.all - before.all
    const busyShare = all <= 0 ? 0 : (now.busy - before.busy) / all
    before = now
    const date = new Date()
    return {
      busyShare,
      isOnBattery: await isOnBattery(supplies),
      minuteOfDay: date.getHours() * 60 + date.getMinutes(),
    }
  }
}

function processorTimes() {
  const times = cpus().map((one) => one.times)
  const sum = (name: keyof (typeof times)[number]) => times.reduce((total, each) => total + each[name], 0)
  const busy = sum('user') + sum('sys') + sum('irq')
  return { busy, all: busy + sum('nice') + sum('idle') }
}

/** [Linux, Documentation/ABI/testing/sysfs-class-power] */
async function isOnBattery(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => [])
  const states = await Promise.all(
    names.map(async (name) => (await readFile(join(folder, name, 'status'), 'utf8').catch(() => '')).trim()),
  )
  return states.includes('Discharging')
}
