/** Modbus silence: which units of a serial line do not answer. One that is switched off must not cost the others every second of the line. */
import { SourceTrouble } from '@skerry/connectors/session'
import type { Clock } from '@skerry/platform/process/clock'

export type Silences = {
  isLeftAlone(unit: number): boolean
  hear(unit: number): void
  /** Throws `SourceTrouble` where no unit of the line answers any more. */
  miss(unit: number): void
}

/** Longer than any answer takes, so that none comes late for another question; short enough for one that was only started anew. */
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
