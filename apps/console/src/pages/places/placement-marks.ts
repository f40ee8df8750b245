/** Placement marks: the replicas of a decision at each site, now and after a change that a person tries out. */
import type { PlacedDevice, PlaceVerdict, WhatIfAnswer } from '@skerry/contract/places/placement'
import type { SiteState } from '@skerry/contract/sites/site'
import type { Tone } from '../../components/facts/tones.ts'
import type { MapPlace } from '../overview/site-places.ts'

export type PlacementMark = {
  site: string
  at: MapPlace['at']
  now: number
  /** Equal to `now` if nothing is tried out. */
  after: number
  /** The verdict on the best device of the site. */
  verdict: PlaceVerdict
}

type Change = Pick<WhatIfAnswer, 'gained' | 'lost'>

/** The sites of the decision that are on the map, and the names of the other ones. */
export function placementMarks(devices: readonly PlacedDevice[], places: readonly MapPlace[], change?: Change) {
  const at = new Map(places.map((place) => [place.state.site as string, place.at]))
  const bySite = Map.groupBy([...devices, ...(change?.gained ?? [])], ({ site }) => site)
  const marks: PlacementMark[] = []
  const unplaced: string[] = []
  for (const [site, there] of bySite) {
    const place = at.get(site)
    if (!place) {
      unplaced.push(site)
      continue
    }
    const now = devices.filter((one) => one.site === site && one.verdict === 'picked').length
    const moved = countAt(site, change?.gained) - countAt(site, change?.lost)
    // Devices are listed from the best to the worst.
    marks.push({ site, at: place, now, after: now + moved, verdict: there[0]?.verdict ?? 'standby' })
  }
  return { marks, unplaced }
}

const countAt = (site: string, devices: readonly PlacedDevice[] = []) =>
  devices.filter((one) => one.site === site).length

/** The colour repeats the number of replicas and the word beside it. */
export function toneOfMark({ now, after, verdict }: Pick<PlacementMark, 'now' | 'after' | 'verdict'>): Tone {
  if (after > now) return 'busy'
  if (after < now) return 'warn'
  if (now > 0) return 'good'
  return verdict === 'standby' || verdict === 'leaving' ? 'idle' : 'bad'
}

/** The states of the sites of these devices. */
export const statesAt = (states: readonly SiteState[], devices: readonly PlacedDevice[], change?: Change) => {
  const sites = new Set<string>([...devices, ...(change?.gained ?? [])].map(({ site }) => site))
  return states.filter(({ site }) => sites.has(site))
}
