/** Search: what the address of a page keeps besides its path, so that a view can be sent to somebody. What does not fit is left out. */
import { DeviceHealth } from '@skerry/contract/device'
import { Outcome } from '@skerry/contract/rollout'

type Raw = Record<string, unknown>

const word = (value: unknown): string | undefined => {
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
  return typeof text === 'string' && text !== '' ? text.slice(0, 2_000) : undefined
}

export type ListSearch = { q?: string | undefined; sort?: string | undefined }
export type DeviceSearch = ListSearch & { health?: DeviceHealth | undefined }
export type RolloutSearch = { outcome?: Outcome | undefined; sort?: string | undefined }
export type AuditSearch = { action?: string | undefined; object?: string | undefined }
export type SettingsSearch = { tab?: SettingsTab | undefined }
export type SignInSearch = { next?: string | undefined }

export const SETTINGS_TABS = ['tokens', 'keys', 'about'] as const
export type SettingsTab = (typeof SETTINGS_TABS)[number]

export const listSearch = (raw: Raw): ListSearch => ({ q: word(raw.q), sort: word(raw.sort) })
export const deviceSearch = (raw: Raw): DeviceSearch => ({
  ...listSearch(raw),
  health: DeviceHealth.safeParse(raw.health).data,
})
export const rolloutSearch = (raw: Raw): RolloutSearch => ({
  outcome: Outcome.safeParse(raw.outcome).data,
  sort: word(raw.sort),
})
export const auditSearch = (raw: Raw): AuditSearch => ({ action: word(raw.action), object: word(raw.object) })
export const settingsSearch = (raw: Raw): SettingsSearch => ({ tab: SETTINGS_TABS.find((tab) => tab === raw.tab) })
/** Only a path of the console itself: a link that was sent by somebody must not lead elsewhere after the sign-in. */
export const signInSearch = (raw: Raw): SignInSearch => {
  const next = word(raw.next)
  return { next: next !== undefined && /^\/(?![/\\])/.test(next) ? next : undefined }
}
