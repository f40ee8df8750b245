/** The texts of the pages about sites. */
import { count, number } from './count.ts'

export const siteTexts = {
  sites: {
    title: 'Sites',
    filter: 'Filter sites',
    count: (value: number) => count(value, 'site'),
    group: 'Group by',
    groups: { country: 'Country', kind: 'Kind' },
    sort: 'Sort by',
    sorts: { name: 'Name', trouble: 'Problems first', devices: 'Most devices' },
    openAll: 'Open all',
    closeAll: 'Close all',
    create: 'New site',
    empty: 'No sites yet',
    emptyHint:
      'A site is a location of devices: a plant, a shop, a cloud region. Create one, then join a device there.',
    noMatch: 'No site fits the filter',
    noMatchHint: 'Remove a condition, or clear the filter.',
    columns: { name: 'Place', state: 'State', devices: 'Devices' },
    tree: 'Sites by place',
    noCountry: 'Country not given',
    devicesUnit: 'devices',
    noDevices: 'no devices',
    allHealthy: 'all healthy',
    kinds: { edge: 'Edge', onprem: 'On premises', cloud: 'Cloud' },
  },
  siteCounts: {
    one: (value: number, name: string) => `${number.format(value)} ${name.toLowerCase()}`,
  },
} as const
