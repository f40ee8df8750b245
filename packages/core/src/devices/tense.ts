/**
 * Tense: the facts of a silent device are those of its last report, and nobody knows whether they still hold. Every
 * screen and command that speaks of a device takes its verbs from here.
 */
import type { Device, DeviceHealth, Liveness } from '@skerry/contract/devices/device'
import type { KindRow } from '@skerry/contract/kinds/kind-row'

/** Whether the facts of the device may be outdated. */
export const isSilent = (liveness: Liveness): boolean => liveness !== 'online'

/** Whether the device is silent because its agent was stopped in order. People need not look for a fault. */
export const isStopped = ({ liveness, link }: Pick<Device, 'liveness' | 'link'>): boolean =>
  liveness === 'stale' && !link.connected && link.ended === 'goodbye'

/**
 * Whether the connection of the device ended, but not yet so long ago that it counts as silent. Its health is that of
 * its last report.
 */
export const isCut = ({ liveness, link }: Pick<Device, 'liveness' | 'link'>): boolean =>
  liveness === 'online' && !link.connected && link.sinceMs !== undefined

/**
 * The liveness by which people speak of the device: as soon as its connection ended, its facts are those of its last
 * report. Counts and selectors keep the liveness by time.
 */
export const spokenLiveness = (device: Pick<Device, 'liveness' | 'link'>): Liveness =>
  isCut(device) ? 'stale' : device.liveness

/** The health in the words of people: a device whose agent was stopped is not stale, but stopped. */
export type ShownHealth = DeviceHealth | 'stopped'

type HealthFacts = Pick<Device, 'health' | 'liveness' | 'link'>

/** Undefined if the hub does not send the health. */
export const shownHealth = (device: HealthFacts): ShownHealth | undefined =>
  device.health === 'stale' && isStopped(device) ? 'stopped' : device.health

const REPORTED: readonly (DeviceHealth | undefined)[] = ['failed', 'degraded', 'moving', 'healthy']

/** Whether the health is one that only reports can prove, and no further report can arrive now. */
export const isPastHealth = (device: HealthFacts): boolean => REPORTED.includes(device.health) && isCut(device)

/** The items among all counted ones that silent devices had in their last reports; undefined without them. */
export function silentItemsText(silent = 0, number: (value: number) => string = String): string | undefined {
  return silent > 0 ? `${number(silent)} of them as silent devices last reported` : undefined
}

export const servesWord = (liveness: Liveness): 'serves' | 'served' => (isSilent(liveness) ? 'served' : 'serves')

const runsWord = (liveness: Liveness) => (isSilent(liveness) ? 'ran' : 'runs')

/**
 * `version 1 serves`, `version 1 served`, `nothing serves` or `nothing served`. A kind that answers no requests runs:
 * `version 1 runs`, `version 1 ran`, `no version runs` or `no version ran`.
 */
export function servingText(version: number | undefined, liveness: Liveness, { serves } = SERVING): string {
  const subject = serves ? 'nothing' : 'no version'
  const verb = serves ? servesWord(liveness) : runsWord(liveness)
  return `${version === undefined ? subject : `version ${version}`} ${verb}`
}

const SERVING: Pick<KindRow, 'serves'> = { serves: true }
