/**
 * Modbus silence: the units of a serial line that do not answer. A unit that is switched off must not use up the time
 * of the others.
 */
import { SourceTrouble } from '@skerry/connectors/session'
import type { Clock } from '@skerry/platform/process/clock'

export type Silences = {
  isLeftAlone(unit: number): boolean
  hear(unit: number): void
  /** Throws `SourceTrouble` if no unit of the line answers any more. */
  miss(unit: number): void
}

/**
 * In milliseconds. Longer than any answer takes, so that no late answer meets another request. Short enough for a unit
 * that only restarted.
 */
const LEFT_ALONE_MS = 2_000

export function createSilences(units: ReadonlySet<number>, { monotonicMs }: Clock): Silences {
  const silentUntilMs = new Map<number, number>()
  return {
    isLeftAlone: (unit) => (silentUntilMs.get(unit) ?? 0) > monotonicMs(),
    hear: (unit) => void silentUntilMs.delete(unit),
    miss(unit) {
      silentUntilMs.set(unit, monotonicMs() + LEFT_ALONE_MS)
      if (silentUntilMs.size < units.size) return
      throw new SourceTrouble('source_silent', 'no unit of the line answers')
    },
  }
}
