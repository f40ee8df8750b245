/**
 * Use places: the pages and the tabs of settings that the signed-in person has. Operators run a hub, and have no fleet
 * on it.
 */
import { useMissing } from '../hub/permission.ts'
import { SETTINGS_TABS, type SettingsTab } from '../search.ts'
import { type ListedDestination, type NavigationGroup, navigation } from './navigation.ts'

const TABS_OF_FLEETS: readonly SettingsTab[] = ['tokens', 'joining', 'agents', 'secrets']

type Places = {
  groups: readonly NavigationGroup[]
  pages: readonly ListedDestination[]
  settingsTabs: readonly SettingsTab[]
}

export function usePlaces(): Places {
  const isOperator = useMissing('tenant.read') === undefined
  const groups = isOperator ? withoutFleet(navigation) : navigation
  const settingsTabs = SETTINGS_TABS.filter((tab) =>
    isOperator ? !TABS_OF_FLEETS.includes(tab) : tab !== 'organisations',
  )
  return { groups, pages: groups.flatMap(({ pages }) => pages), settingsTabs }
}

const withoutFleet = (groups: readonly NavigationGroup[]): NavigationGroup[] =>
  groups
    .map((group) => ({ ...group, pages: group.pages.filter(({ isOfFleet }) => !isOfFleet) }))
    .filter(({ pages }) => pages.length > 0)
