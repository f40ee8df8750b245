/** Texts of placements. */
import type { PlaceVerdict } from '@skerry/contract/places/placement'
import { count } from '../../texts/count.ts'

const verdicts: Record<PlaceVerdict, string> = {
  picked: 'Picked',
  leaving: 'Serves until replaced',
  standby: 'Standby',
  clearance_too_low: 'Clearance too low',
  residency_violated: 'Outside the residency',
  kind_excluded: 'Kind of site excluded',
  device_silent: 'Silent',
}

export const placesTexts = {
  title: 'Placement',
  lead: (policy: string) => `The policy asks for ${policy}.`,
  placed: (placed: number, wanted: number) => `${placed} of ${count(wanted, 'replica')} placed`,
  unmet: (unmet: number) => `${count(unmet, 'replica')} without a device`,
  columns: { device: 'Device', site: 'Site', verdict: 'Verdict', why: 'Why' },
  verdicts,
  more: (more: number) => `and ${count(more, 'device')} more; "skerry placement explain" lists them`,
  whatIf: 'What if …',
  whatIfHint: 'site NAME down, device NAME down, residency EU,CH, data confidential, or replicas 4',
  ask: 'Try it',
  nothing: 'No device would gain or lose a replica.',
  gained: 'Gains a replica',
  lost: 'Loses its replica',
  unmetThen: (unmet: number) => `${count(unmet, 'replica')} would have no device.`,
}
