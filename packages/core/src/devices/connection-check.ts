/** Connection check: whether the hub can reach the device now, in words. */
import type { Device, LinkEnd } from '@skerry/contract/devices/device'

type Contact = Pick<Device, 'link' | 'liveness'>

/** As a check of an explanation: `not connected for 30 s; check power and network`. */
export function connectionCheck(contact: Contact, nowMs: number): { check: string; passed: boolean; detail: string } {
  const { link, liveness } = contact
  const passed = link.connected && liveness === 'online'
  return {
    check: 'connection',
    passed,
    detail: passed ? 'the device is connected and reports' : awayWords(contact, nowMs),
  }
}

/** Why the device cannot be reached, since when, and what to do. */
export function awayWords({ link }: Pick<Contact, 'link'>, nowMs: number): string {
  const { connected, sinceMs, ended } = link
  if (connected) return 'connected, but its reports are missing; check its agent and its log'
  if (sinceMs === undefined) return 'never connected; check that its agent runs and reaches the hub'
  return `not connected for ${spanWords(nowMs - sinceMs)}: ${ended === undefined ? LOST : END_WORDS[ended]}`
}

const LOST = 'check that the device is on, that its agent runs, and its network'

const END_WORDS: Readonly<Record<LinkEnd, string>> = {
  goodbye: 'its agent was stopped; start it',
  closed: `the connection was lost; ${LOST}`,
  hub: 'its hub ended; the device connects again by itself',
}

const STEPS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const

/** In the largest whole unit, such as `30 s` or `3 min`. */
function spanWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  const [unit, size] = STEPS.find(([, length]) => seconds >= length) ?? (['s', 1] as const)
  return `${Math.floor(seconds / size)} ${unit}`
}
