/** `skerry site ls` */
import { allRows } from '@skerry/client/page'
import { command } from '../command.ts'
import { tableOf } from '../table.ts'
import { labelsText } from '../words.ts'

export const listSites = command({
  name: 'site ls',
  summary: 'List sites',
  examples: ['skerry site ls'],
  arguments: {},
  options: {},
  async run(_input, session) {
    const { client } = await session.hub()
    const sites = await allRows((page) => client.site.list(page, { signal: session.signal }))
    session.print({
      json: sites,
      text: () =>
        tableOf(
          session.style,
          ['NAME', 'KIND', 'COUNTRY', 'REGION', 'CLEARANCE', 'DEVICES', 'LABELS'],
          sites.map((site) => [
            site.name,
            site.kind,
            site.country,
            site.region,
            site.clearance,
            site.deviceCount,
            labelsText(site.labels),
          ]),
          'no sites yet; make one with "skerry site create"',
        ),
    })
  },
})
