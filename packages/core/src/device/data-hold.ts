/**
 * Data hold: why a version is not fetched or started here although the hub wants it: its data is more sensitive than
 * this place may handle, or must not leave other countries. It is no fault of the version, and ends when the place or the
 * policy changes.
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { LifeInHold } from '../kinds/hold-facts.ts'
import { classViolation, type DataPlace, flowViolation, residencyViolation } from '../places/data-class.ts'
import type { FlowFacts } from './flow-hold.ts'
import type { UpdateHold } from './update-hold.ts'

export type DataFacts = {
  /** Absent if the device knows no limit and no classes. */
  place?: DataPlace
  flows?: Pick<FlowFacts, 'needs'>
}

/** Only before it is loaded: a version that serves loses its data when its sources stop. */
export function dataHold(
  { state, target }: LifeInHold & { target: Pick<DesiredItem, 'digest' | 'dataClass' | 'residency'> },
  { place, flows }: DataFacts,
): UpdateHold | undefined {
  if (!place || (state !== 'absent' && state !== 'fetching' && state !== 'loading')) return undefined
  const data = flows?.needs.get(target.digest)?.data
  const cause =
    residencyViolation(target.residency, place) ??
    classViolation(target.dataClass, place) ??
    (data && flowViolation(data, place))
  return cause && { cause }
}
