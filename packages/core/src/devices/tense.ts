/**
 * Tense: the facts of a silent device are those of its last report, and nobody knows whether they still hold. Every
 * screen and command that speaks of a device takes its verbs from here.
 */
import type { Device, Liveness } from '@skerry/contract/devices/device'

/** Whether the facts of the device may be outdated. */
export const isSilent = (liveness: Liveness): boolean => liveness !== 'online'

/** Whether the device is silent because its agent was stopped in order. People need not look for a fault. */
export const isStopped = ({ liveness, link }: Pick<Device, 'liveness' | 'link'>): boolean =>
  liveness === 'stale' && !link.connected && link.ended === 'goodbye'

export const servesWord = (liveness: Liveness): 'serves' | 'served' => (isSilent(liveness) ? 'served' : 'serves')

/** `version 1 serves`, `version 1 served`, `nothing serves` or `nothing served`. */
export const servingText = (version: number | undefined, liveness: Liveness): string =>
  `${version === undefined ? 'nothing' : `version ${version}`} ${servesWord(liveness)}`
