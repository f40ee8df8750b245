/** Agent queries: the settings of all places, and the effect of a change. */
import { allRows } from '@skerry/client/page'
import type { DeviceSettings, SettingsScope } from '@skerry/contract/settings/device-settings'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../../hub/hub-client.ts'

export const agentQueries = {
  layers: () =>
    queryOptions({
      queryKey: ['devices', 'settings', 'layers'],
      queryFn: ({ signal }) => allRows((page) => hub.settings.list(page, { signal })),
    }),
  /** The devices that would change, and those that drift now. It changes nothing. */
  plan: (settings: SettingsScope, spec: DeviceSettings) =>
    queryOptions({
      queryKey: ['devices', 'settings', 'plan', settings, spec],
      queryFn: ({ signal }) => hub.settings.plan({ settings, spec }, { signal }),
      retry: false,
    }),
}
