/** The settings that the hub has for this device, and its facts. */
import { type HeldSettings, SETTINGS, type SettingsDocument } from '@skerry/contract/held/settings'
import type { SettingKeeper } from '../settings/setting-keeper.ts'
import type { HeldDocument } from './held-document.ts'

export const settingsHeld = (keeper: SettingKeeper): HeldDocument<SettingsDocument, HeldSettings> => ({
  kind: SETTINGS,
  // Another hub must not learn the facts of the device.
  begins: 'proved',
  held: keeper.held,
  news: keeper.news,
  async take(document) {
    await keeper.take(document)
    return 'report'
  },
})
