/**
 * Training moment: when the owner of a device lets it train: when it is idle, when it has power, and at which hours. A
 * training that has begun tolerates more work beside it than one that begins, so that it does not stop and begin again
 * all the time.
 */

export type TrainingWhen = {
  isIdle: boolean
  isPowered: boolean
  /** Minutes of the local day. The end may be on the next day. */
  hours: { from: number; to: number } | undefined
}

/** `busyShare`: the part of the processors that others use, from 0 to 1. */
export type MachineMoment = { busyShare: number; isOnBattery: boolean; minuteOfDay: number }

/** A device that serves a few requests a second is below it. */
const BUSY_TO_BEGIN = 0.25

/** From here on, a training would slow the others down, although its priority is low. */
const BUSY_TO_STOP = 0.6

const HOURS = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/

/** The conditions in a text such as `idle,power,22:00-06:00`; undefined if it has another form. */
export function trainingWhenOf(text: string): TrainingWhen | undefined {
  const when: TrainingWhen = { isIdle: false, isPowered: false, hours: undefined }
  for (const part of text.split(',')) {
    const [, fromHour, fromMinute, toHour, toMinute] = HOURS.exec(part) ?? []
    if (part === 'idle') when.isIdle = true
    else if (part === 'power') when.isPowered = true
    else if (fromHour === undefined || when.hours) return undefined
    else when.hours = { from: minutes(fromHour, fromMinute), to: minutes(toHour, toMinute) }
  }
  return when.hours?.from === when.hours?.to && when.hours ? undefined : when
}

const minutes = (hour = '0', minute = '0') => Number(hour) * 60 + Number(minute)

/** Why the device does not train now; undefined if it may. */
export function momentTrouble(when: TrainingWhen, now: MachineMoment, isTraining: boolean): string | undefined {
  if (when.hours && !isWithinHours(when.hours, now.minuteOfDay))
    return `its owner lets it train from ${clockText(when.hours.from)} to ${clockText(when.hours.to)} only`
  if (when.isPowered && now.isOnBattery) return 'it runs on its battery'
  const limit = isTraining ? BUSY_TO_STOP : BUSY_TO_BEGIN
  if (when.isIdle && now.busyShare > limit)
    return `other work uses ${Math.round(now.busyShare * 100)} % of its processors, more than ${limit * 100} %`
  return undefined
}

const isWithinHours = ({ from, to }: { from: number; to: number }, minute: number) =>
  from < to ? from <= minute && minute < to : minute >= from || minute < to

const clockText = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
