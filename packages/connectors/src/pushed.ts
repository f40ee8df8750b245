/**
 * Pushed values: gathers what equipment tells by itself into readings. What comes within a few milliseconds is told together. No value is left out: where a
 * tag would be told twice in one reading, what was gathered is told first.
 */
import type { Group } from '@skerry/contract/sources/source'
import type { TagValue } from '@skerry/contract/sources/tag'
import type { Clock } from '@skerry/platform/process/clock'
import { emptyReading } from './reading.ts'
import type { Tell } from './session.ts'

/** A reading has room for all tags of its group, whatever is told: so a thousand values a second are no more than two hundred readings. */
const PACE_MS = 5

export type Pushed = {
  /** By the place of the tag in its group. */
  put(place: number, value: TagValue): void
}

/** Tells until aborted. */
export function gatherPushed(group: Group, { clock, tell }: { clock: Clock; tell: Tell }, signal: AbortSignal): Pushed {
  const values = new Map<number, TagValue>()
  let isTelling = false
  let lastMs = Number.NEGATIVE_INFINITY
  const tellNow = () => {
    if (values.size === 0 || signal.aborted) return
    lastMs = clock.monotonicMs()
    tellAll(group, values, tell)
    values.clear()
  }
  const tellSoon = async () => {
    isTelling = true
    await clock.sleep(Math.max(0, lastMs + PACE_MS - clock.monotonicMs()), signal)
    isTelling = false
    tellNow()
  }
  return {
    put(place, value) {
      if (values.has(place)) tellNow()
      values.set(place, value)
      // Aborted: nobody is told any more.
      if (!isTelling) tellSoon().catch(() => undefined)
    },
  }
}

function tellAll({ tags }: Group, values: ReadonlyMap<number, TagValue>, tell: Tell): void {
  const reading = emptyReading(tags.length)
  const sourceTimesMs = new Float64Array(tags.length).fill(Number.NaN)
  for (const [place, value] of values) {
    if (value.quality !== 'good' || typeof value.value !== 'number') {
      reading.others.set(place, value)
      continue
    }
    reading.numbers[place] = value.value
    reading.receivedTimesMs[place] = value.receivedTimeMs
    sourceTimesMs[place] = value.sourceTimeMs ?? Number.NaN
  }
  const hasTimes = sourceTimesMs.some((ms) => !Number.isNaN(ms))
  const places = Uint32Array.from(values.keys()).sort()
  tell(hasTimes ? { ...reading, sourceTimesMs } : reading, places)
}
