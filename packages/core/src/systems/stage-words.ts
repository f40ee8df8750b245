/** Stage words: how far a device is with a system release, for people and programs. */
import type { Cause } from '@skerry/contract/devices/item'
import type { PartStanding, PartState } from '@skerry/contract/systems/system-release'
import { isReturned, isWhole, type PartsOf, type ReleaseStep, releaseSteps, type Stage } from './stage.ts'

/** All parts of both releases, in the order in which the device installs or removes them. */
export function partStandings(stage: Stage, partsOf: PartsOf): PartStanding[] {
  const { failure } = stage
  return releaseSteps(stage, partsOf).flatMap((step, index) =>
    step.flatMap(({ to, from }) => {
      const part = to ?? from
      if (!part) return []
      const { name, kind, version } = part
      const why = failure?.part === name ? { failure: wordsOf(failure.cause) } : {}
      return [{ name, kind, version, ...(from && { before: from.version }), state: stateAt(stage, index), ...why }]
    }),
  )
}

/** A cause of a device has more fields, such as that the device remembers the failure. */
const wordsOf = ({ code, message }: Cause) => ({ code, message })

function stateAt({ at, isBack }: Stage, index: number): PartState {
  if (index === at) return isBack ? 'returning' : 'moving'
  if (index < at) return 'installed'
  return isBack ? 'returned' : 'waiting'
}

/** One sentence part, such as "part 2 of 3, the flow pump version 4, is in progress". */
export function stageSummary(stage: Stage, partsOf: PartsOf): string {
  const steps = releaseSteps(stage, partsOf)
  const because = stage.failure
    ? `, because its part ${stage.failure.part} failed: ${stage.failure.cause.message} (${stage.failure.cause.code})`
    : ''
  if (isWhole(stage, steps)) return `has all ${partsOf(stage.to).length} parts of the system`
  if (isReturned(stage)) return `has returned the whole system${because}`
  const place = stepWords(steps[stage.at] ?? [])
  if (stage.isBack) return `returns the whole system in reverse order${because}; now it returns ${place}`
  return `is at step ${stage.at + 1} of ${steps.length}, ${place}`
}

function stepWords(step: ReleaseStep): string {
  const [first] = step
  const part = first?.to ?? first?.from
  if (!part) return 'nothing'
  if (first?.to) return `the ${part.kind} ${part.name} version ${part.version}`
  return `the removal of ${step.map(({ from }) => from?.name).join(', ')}`
}
