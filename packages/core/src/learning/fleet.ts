/**
 * Fleet: one order by which each of several machines learns. It decides about the names of the detectors, and whether a
 * device can begin.
 */
import { isLearningOver, type LearningPhase, LearningSpec } from '@skerry/contract/learning/learning'
import type { LearningFleetSpec } from '@skerry/contract/learning/learning-fleet'
import { alarmFlowName } from './alarm-flow.ts'

/** The detector of a device has a name of its own, so that it has versions and a deployment of its own. */
export const memberName = (order: string, device: string): string => `${order}-${device}`

/** The learning of one device. Only for a device without a trouble. */
export function memberSpec(
  { name, selector: _, federated: _way, ...recipe }: LearningFleetSpec,
  device: string,
): LearningSpec {
  return LearningSpec.parse({ ...recipe, name: memberName(name, device), device })
}

export type MemberFacts = {
  device: string
  status: string
  /** Its learnings that are under way. */
  live: number
  sources: readonly string[]
  /** The newest learning of the name. */
  current: { device: string; phase: LearningPhase } | undefined
  /** The kind that has the name of the detector, and the name of its alarm. */
  owner: string | undefined
  alarmOwner: string | undefined
}

/** A device reads its tags once for each of its learnings. */
export const LIVE_LEARNINGS_MAX = 8

/** The reason why the device cannot begin, with the next step; undefined if it can. */
export function memberTrouble(spec: LearningFleetSpec, facts: MemberFacts): string | undefined {
  const { device, status, live, sources, current, owner, alarmOwner } = facts
  const name = memberName(spec.name, device)
  if (status !== 'active') return `the device is ${status}`
  const named = LearningSpec.shape.name.safeParse(name)
  if (!named.success) return `the name ${name} would be too long; choose a shorter name for the order`
  if (!sources.includes(spec.source)) return `the device has no source ${spec.source}; add it, and start again`
  if (live >= LIVE_LEARNINGS_MAX)
    return `the device has ${LIVE_LEARNINGS_MAX} learnings under way; wait, or cancel one of them`
  if (current && current.device !== device) return `the learning ${name} belongs to the device ${current.device}`
  if (current && !isLearningOver(current.phase)) return `the learning ${name} is under way; wait, or cancel it`
  return ownerTrouble(name, owner, 'model') ?? ownerTrouble(alarmFlowName(name), alarmOwner, 'flow')
}

const ownerTrouble = (name: string, owner: string | undefined, kind: 'model' | 'flow') =>
  owner === undefined || owner === kind
    ? undefined
    : `the name ${name} has the kind ${owner} already; choose another name for the order`
