/** `skerry site rm` */
import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { YES } from '../../program/options.ts'

export const removeSite = command({
  name: 'site rm',
  summary: 'Remove a site without devices',
  examples: ['skerry site rm rotterdam'],
  arguments: { site: required('<site>', 'name of the site', fits(Name)) },
  options: { yes: YES },
  async run({ site, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`remove the site ${site}`, yes)
    await client.site.remove({ site }, { signal: session.signal })
    session.print({ json: { removed: site }, text: () => `removed the site ${site}` })
  },
})
