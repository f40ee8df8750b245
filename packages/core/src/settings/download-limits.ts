/** Download limits: how many bytes of files a device may fetch in a day, and how fast at this time of the day. */

export type DownloadLimits = {
  mbPerDay?: number | undefined
  /** Such as `06:00-22:00 Europe/Berlin 256 kB/s`. */
  rates: readonly string[]
}

/** The bytes that were fetched in a day. Days are counted from 1970, in UTC. */
export type FetchedDay = { day: number; bytes: number }

const DAY_MS = 86_400_000
const MB = 1_000_000
const KB = 1_000

export const dayOf = (timeMs: number): number => Math.floor(timeMs / DAY_MS)

/**
 * The count of today. A clock that goes back over midnight gives no second budget. A count of a later day than tomorrow
 * comes from a wrong clock, and must not stop the device for years.
 */
export function fetchedToday(known: FetchedDay | undefined, timeMs: number): FetchedDay {
  const today = dayOf(timeMs)
  const isOfToday = known !== undefined && (known.day === today || known.day === today + 1)
  return isOfToday ? known : { day: today, bytes: 0 }
}

export type BudgetVerdict = { isSpent: false } | { isSpent: true; message: string; waitMs: number }

/** Whether the device may fetch another byte today. */
export function budgetVerdict({ mbPerDay }: DownloadLimits, { day, bytes }: FetchedDay, timeMs: number): BudgetVerdict {
  if (mbPerDay === undefined || bytes < mbPerDay * MB) return { isSpent: false }
  const { until, waitMs } = endOfDay(day, timeMs)
  const message = `the device has fetched its ${mbPerDay} MB of this day; it continues at ${until} UTC`
  return { isSpent: true, message, waitMs }
}

function endOfDay(day: number, timeMs: number): { until: string; waitMs: number } {
  const endMs = (day + 1) * DAY_MS
  // [ECMA-402] Swedish writes dates like ISO 8601.
  const form = new Intl.DateTimeFormat('sv-SE', { timeZone: 'UTC', dateStyle: 'short', timeStyle: 'short' })
  return { until: form.format(endMs), waitMs: endMs - timeMs }
}

/** In milliseconds. A person may raise the budget meanwhile. */
const SITE_LOOK_MS = 300_000

/** Why the devices of a site may fetch nothing more today; undefined if they may. The clock is the hub's. */
export function siteBudgetSpent(
  mbPerDay: number,
  known: FetchedDay | undefined,
  timeMs: number,
): { message: string; retryAfterMs: number } | undefined {
  const today = dayOf(timeMs)
  if (known?.day !== today || known.bytes < mbPerDay * MB) return undefined
  const { until, waitMs } = endOfDay(today, timeMs)
  const message = `the devices of the site have fetched its ${mbPerDay} MB of this day; they continue at ${until} UTC`
  return { message, retryAfterMs: Math.min(waitMs, SITE_LOOK_MS) }
}

/** The part of the wanted bytes that is left in the budget of the site. */
export const bytesGranted = (mbPerDay: number, sentBytes: number, wantedBytes: number): number =>
  Math.max(0, Math.min(wantedBytes, mbPerDay * MB - sentBytes))

const RATE = /^(\d\d):(\d\d)-(\d\d):(\d\d) (\S+) (\d+) kB\/s$/

/** Bytes in a second at this time; undefined if there is no limit. A line that cannot be read is left out. */
export function rateAt({ rates }: DownloadLimits, timeMs: number): number | undefined {
  for (const text of rates) {
    const [, fromHour, fromMinute, toHour, toMinute, timeZone = '', kb] = RATE.exec(text) ?? []
    const minute = minuteOfDay(timeMs, timeZone)
    if (kb === undefined || minute === undefined) continue
    const [from, to] = [Number(fromHour) * 60 + Number(fromMinute), Number(toHour) * 60 + Number(toMinute)]
    const isNow = from < to ? from <= minute && minute < to : minute >= from || minute < to
    if (isNow) return Number(kb) * KB
  }
  return undefined
}

/** Minutes since midnight there; undefined for an unknown time zone. */
function minuteOfDay(timeMs: number, timeZone: string): number | undefined {
  try {
    const options = { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
    const [hour = 0, minute = 0] = new Intl.DateTimeFormat('en-GB', options).format(timeMs).split(':').map(Number)
    return hour * 60 + minute
  } catch {
    return undefined
  }
}
