/** Suspicion conditions: which models crash the runtime, so that a person hears of it though everything else goes on. */
import { SUSPICION_CONDITIONS, suspicionCause } from '@skerry/core/device/crash-suspicion'
import { type ItemLife, servedBy } from '@skerry/core/device/item-life'
import type { Conditions } from '../conditions.ts'

/** [contract, Cause] A message is a line or two. */
const CHARACTERS_MAX = 1_000

/** Raises what is so now, and clears the rest. */
export function tellSuspicions(conditions: Conditions, lives: readonly ItemLife[]): void {
  const causes = lives.flatMap((life) => {
    const served = servedBy(life)
    const cause = served && suspicionCause(served, life)
    return cause ? [cause] : []
  })
  for (const code of SUSPICION_CONDITIONS) {
    const messages = causes.filter((cause) => cause.code === code).map(({ message }) => message)
    if (messages.length === 0) conditions.clear(code)
    else conditions.raise({ code, message: messages.join('; ').slice(0, CHARACTERS_MAX) })
  }
}
