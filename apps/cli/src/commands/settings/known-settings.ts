import type { SkerryClient } from '@skerry/client/client'
import { problemOf } from '@skerry/client/problem'
import type { SettingsLayer, SettingsScope } from '@skerry/contract/settings/device-settings'

/** Undefined if the place has no settings of its own. */
export async function knownSettings(
  client: SkerryClient,
  scope: SettingsScope,
  signal: AbortSignal,
): Promise<SettingsLayer | undefined> {
  try {
    return await client.settings.get({ settings: scope }, { signal })
  } catch (error) {
    if (problemOf(error).code === 'settings_unknown') return undefined
    throw error
  }
}
