/** Decision view: the decision of a placement policy as people see it. */
import type { PlacedDevice, Placement, PlacementDecision, PlaceVerdict } from '@skerry/contract/places/placement'
import type { DeviceId } from '@skerry/contract/values/ids'
import { Name } from '@skerry/contract/values/names'
import { costOf, type PlacedCandidate, type Placing } from '@skerry/core/places/place'
import { placeReason } from '@skerry/core/places/place-text'

/** The maximum of devices in a list; the contract cuts its lists there. */
export const DEVICES_MAX = 500

type Shown = {
  deployment: Name
  policy: Placement
  placing: Placing
  unselected: number
  since: ReadonlyMap<DeviceId, number>
}

export function decisionView({ deployment, policy, placing, unselected, since }: Shown): PlacementDecision {
  const sorted = placing.candidates.toSorted(
    (a, b) => RANKS[a.verdict] - RANKS[b.verdict] || (b.score ?? 0) - (a.score ?? 0),
  )
  const counts = new Map<PlaceVerdict, number>()
  for (const { verdict } of sorted) counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
  return {
    deployment,
    policy,
    wanted: placing.wanted,
    unmet: placing.unmet,
    cost: costOf(placing),
    counts: Object.fromEntries(counts),
    unselected,
    devices: sorted.slice(0, DEVICES_MAX).map((one) => deviceView(policy, one, since)),
  }
}

const RANKS: Record<PlaceVerdict, number> = {
  picked: 0,
  leaving: 1,
  standby: 2,
  device_silent: 3,
  device_full: 3,
  clearance_too_low: 4,
  residency_violated: 4,
  kind_excluded: 4,
  purpose_excluded: 4,
  apart_violated: 4,
  metered_excluded: 4,
  device_reserved: 3,
}

export function deviceView(
  policy: Placement,
  one: PlacedCandidate,
  since: ReadonlyMap<DeviceId, number> = new Map(),
): PlacedDevice {
  const { candidate, verdict, score } = one
  const { country } = candidate.site
  const sinceMs = since.get(candidate.id)
  return {
    id: candidate.id,
    device: Name.parse(candidate.name),
    site: Name.parse(candidate.site.name),
    ...(country !== undefined && { country }),
    verdict,
    reason: placeReason(policy, one),
    ...(score !== undefined && { score }),
    ...(sinceMs !== undefined && { sinceMs }),
    ...(candidate.cost !== undefined && { costPerHour: candidate.cost }),
    ...(candidate.latencyMs !== undefined && { latencyMs: candidate.latencyMs }),
  }
}
