/** `skerry org set-quota` */
import { command, flag } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { DEVICES, ORGANISATION, organisationText, REQUESTS, STORAGE } from './organisation-words.ts'

export const setQuota = command({
  name: 'org set-quota',
  summary: 'Set the quotas of an organisation',
  details:
    'Quotas that you do not give stay as they are. A quota below the current use removes nothing, but nothing can be added until there is room again.',
  examples: [
    'skerry org set-quota plant-north --devices 500 --storage 50GiB --requests-per-minute 600',
    'skerry org set-quota plant-north --devices none --dry-run',
  ],
  arguments: { organisation: ORGANISATION },
  options: {
    devices: DEVICES,
    storageBytes: STORAGE,
    requestsPerMinute: REQUESTS,
    dryRun: flag('--dry-run', 'show the use and the new quotas, and change nothing'),
  },
  async run({ organisation, dryRun, ...change }, session) {
    const { client } = await session.hub()
    const { signal, style } = session
    const given = Object.entries(change).filter(([, bound]) => bound !== undefined)
    if (given.length === 0) throw wrongUsage('give --devices, --storage or --requests-per-minute')
    if (dryRun) {
      const found = await client.organisation.get({ organisation }, { signal })
      const bounds = Object.entries({ ...found.quota, ...Object.fromEntries(given) }).filter(
        ([, bound]) => bound !== null,
      )
      const would = { ...found, quota: Object.fromEntries(bounds) }
      return session.print({ json: would, text: () => `would be:\n${organisationText(style, would)}` })
    }
    const changed = await client.organisation.setQuota({ organisation, ...change }, { signal })
    session.print({ json: changed, text: () => organisationText(style, changed) })
  },
})
