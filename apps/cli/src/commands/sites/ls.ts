import { siteManifest } from '@skerry/client/manifests/manifest-change'
import { allRows } from '@skerry/client/page'
import { siteLanguage } from '@skerry/core/language/row-language'
import { command } from '../../program/command.ts'
import { filtered, filterOf } from '../../program/options.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { labelsText } from '../../program/terminal/words.ts'

export const listSites = command({
  name: 'site ls',
  summary: 'List sites',
  examples: ['skerry site ls', `skerry site ls --filter 'site.country == "DE"'`],
  arguments: {},
  options: { filter: filterOf(siteLanguage) },
  async run({ filter }, session) {
    const { client } = await session.hub()
    const all = await allRows((page) => client.site.list(page, { signal: session.signal }))
    const sites = filtered(all, filter)
    session.print({
      json: sites,
      manifests: () => sites.map(siteManifest),
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
          'no sites yet; create one with "skerry site create"',
        ),
    })
  },
})
