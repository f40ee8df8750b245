/** Texts of placements. */
import type { PlaceVerdict } from '@skerry/contract/places/placement'
import { CHANGE_FORMS } from '@skerry/core/places/change-text'
import { count } from '../../texts/count.ts'

const verdicts: Record<PlaceVerdict, string> = {
  picked: 'Picked',
  leaving: 'Serves until replaced',
  standby: 'Standby',
  clearance_too_low: 'Clearance too low',
  residency_violated: 'Outside the residency',
  kind_excluded: 'Kind of site excluded',
  device_silent: 'Silent',
  device_full: 'Full',
  purpose_excluded: 'Purpose excluded',
  metered_excluded: 'Metered line',
  apart_violated: 'Apart from another deployment',
  device_reserved: 'Needed by another deployment',
}

export const placesTexts = {
  title: 'Placement',
  lead: (policy: string) => `The policy asks for ${policy}.`,
  placed: (placed: number, wanted: number) => `${placed} of ${count(wanted, 'replica')} placed`,
  unmet: (unmet: number) => `${count(unmet, 'replica')} without a device`,
  columns: { device: 'Device', site: 'Site', verdict: 'Verdict', why: 'Why' },
  verdicts,
  more: (more: number) => `and ${count(more, 'device')} more; "skerry placement explain" lists them`,
  /** Beside a mark of the map. */
  mark: ({ site, now, after }: { site: string; now: number; after: number }) =>
    now === after ? `${site}: ${now}` : `${site}: ${now} → ${after}`,
  unplaced: (sites: string) => `Not on the map, because they have no coordinates and no country: ${sites}`,
  whatIf: 'What if …',
  whatIfHint: `One of: ${CHANGE_FORMS}`,
  ask: 'Try it',
  nothing: 'No device would gain or lose a replica.',
  gained: 'Gains a replica',
  lost: 'Loses its replica',
  costs: (now: number, then: number) => `The replicas would cost ${then} per hour instead of ${now}.`,
  unmetThen: (unmet: number) => `${count(unmet, 'replica')} would have no device.`,
}
