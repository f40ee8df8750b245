import { siteManifest } from '@skerry/client/manifests/manifest-change'
import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { siteText } from './site-view.ts'

export const showSite = command({
  name: 'site show',
  summary: 'Show a site',
  examples: ['skerry site show rotterdam'],
  arguments: { site: required('<site>', 'name of the site', fits(Name)) },
  options: {},
  async run({ site: name }, session) {
    const { client } = await session.hub()
    const site = await client.site.get({ site: name }, { signal: session.signal })
    session.print({ json: site, text: () => siteText(site, session.style), manifests: () => [siteManifest(site)] })
  },
})
