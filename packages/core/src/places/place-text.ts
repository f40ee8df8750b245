/** Place text: words for the verdicts and changes of a placement. */
import type { Placement, PlaceVerdict } from '@skerry/contract/places/placement'
import { durationWords } from '../values/duration.ts'
import { isCleared } from './data-class.ts'
import type { PlacedCandidate } from './place.ts'
import { isWithin } from './residency.ts'

/** The reason for the verdict on the device, as one sentence without a full stop. */
export function placeReason(policy: Placement, { candidate, verdict, score }: PlacedCandidate): string {
  const { site, silentSeconds } = candidate
  const words: Record<PlaceVerdict, () => string> = {
    picked: () =>
      silentSeconds > policy.failoverSeconds
        ? `it has been silent for ${durationWords(silentSeconds)}, and no other device can replace it`
        : `it is among the best devices${scoreWords(score)}`,
    leaving: () => 'it is replaced, and serves until its successor is active',
    standby: () => `the rules allow it, and other devices are better or have the replicas already${scoreWords(score)}`,
    clearance_too_low: () =>
      `the rule dataClass ${policy.dataClass} excludes it: ${
        policy.dataClass && isCleared(site.clearance, policy.dataClass)
          ? `its operator states the clearance ${candidate.stated?.clearance}`
          : `the site ${site.name} has the clearance ${site.clearance}`
      }`,
    residency_violated: () =>
      `the rule residency ${policy.residency?.join(', ')} excludes it: ${
        isWithin(site.country, policy.residency ?? [])
          ? `its operator states that it is in ${candidate.stated?.country}`
          : `the site ${site.name} is in ${site.country ?? 'no stated country'}`
      }`,
    metered_excluded: () => 'the rule metered no excludes it: its line costs by the byte',
    kind_excluded: () =>
      `the rule order ${policy.order?.join(', ')} excludes it: the site ${site.name} is of the kind ${site.kind}`,
    device_full: () =>
      `it has room for ${candidate.capacity} deployments by the label capacity, and has or was promised ${candidate.load}`,
    purpose_excluded: () =>
      `the rule purpose ${policy.purpose} excludes it: the label purposes names ${candidate.purposes?.join(', ') ?? 'none'}`,
    apart_violated: () => `the rule apart ${policy.apart} excludes it: it has a replica of that deployment`,
    device_reserved: () =>
      'it is the only device with room for a replica of another deployment, and this deployment can use others',
    device_silent: () =>
      `the hub has not heard it for ${durationWords(silentSeconds)}, longer than failoverSeconds ${policy.failoverSeconds}`,
  }
  return words[verdict]()
}

const scoreWords = (score: number | undefined) => (score === undefined ? '' : ` (score ${score} of 100)`)

/** The policy in one line, such as `2 replicas, data class confidential, residency EU`. */
export function placementWords(policy: Placement): string {
  const { replicas, dataClass, residency, order, spread, purpose, near, apart, metered } = policy
  const amounts = { all: 'every allowed device', 'per-site': 'one device at each site' }
  const amount = typeof replicas === 'number' ? `${replicas} replica${replicas === 1 ? '' : 's'}` : amounts[replicas]
  return [
    amount,
    ...(dataClass ? [`data class ${dataClass}`] : []),
    ...(residency ? [`residency ${residency.join(', ')}`] : []),
    ...(order ? [`${order.join(' before ')}`] : []),
    ...(spread ? [`spread by ${spread}`] : []),
    ...(purpose ? [`purpose ${purpose}`] : []),
    ...(metered ? ['no metered line'] : []),
    ...(near ? [`near ${near}`] : []),
    ...(apart ? [`apart from ${apart}`] : []),
  ].join(', ')
}

type Moved = { gained: readonly string[]; lost: readonly string[]; unmet: number }

/** The change of a placement in words, such as `added press-2, removed press-1`. */
export function moveWords({ gained, lost, unmet }: Moved): string {
  const parts = [
    ...(gained.length > 0 ? [`added ${namesText(gained)}`] : []),
    ...(lost.length > 0 ? [`removed ${namesText(lost)}`] : []),
    ...(unmet > 0 ? [`${unmet} ${unmet === 1 ? 'replica has' : 'replicas have'} no device`] : []),
  ]
  return parts.join(', ')
}

/** More names make a sentence unreadable. */
const NAMES_MAX = 3

function namesText(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_MAX).join(', ')
  return names.length > NAMES_MAX ? `${shown} and ${names.length - NAMES_MAX} more` : shown
}
