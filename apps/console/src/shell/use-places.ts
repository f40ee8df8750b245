/** Use places: the pages and tabs of settings that are there for whoever is signed in. Operators run a hub, and have no fleet on it. */
import { useMissing } from '../hub/permission.ts'
import { SETTINGS_TABS, type SettingsTab } from '../search.ts'
import { type Destination, destinations } from './navigation.ts'

const TABS_OF_FLEETS: readonly SettingsTab[] = ['tokens', 'joining', 'secrets']

export function usePlaces(): { pages: readonly Destination[]; settingsTabs: readonly SettingsTab[] } {
  const isOperator = useMissing('tenant.read') === undefined
  if (!isOperator) return { pages: destinations, settingsTabs: SETTINGS_TABS.filter((tab) => tab !== 'organisations') }
  return {
    pages: destinations.filter(({ isOfFleet }) => !isOfFleet),
    settingsTabs: SETTINGS_TABS.filter((tab) => !TABS_OF_FLEETS.includes(tab)),
  }
}
