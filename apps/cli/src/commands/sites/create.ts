import { problemOf } from '@skerry/client/problem'
import { errors } from '@skerry/contract/errors/errors'
import { SiteKind, SiteSpec } from '@skerry/contract/sites/site'
import { Clearance } from '@skerry/contract/values/clearance'
import { Name } from '@skerry/contract/values/names'
import { command, fits, list, needed, required, usually, value } from '../../program/command.ts'
import { exitCodes, Failure } from '../../program/failure.ts'
import { parseLabel } from '../../program/values.ts'
import { siteText } from './site-view.ts'

const { country, region } = SiteSpec.shape

export const createSite = command({
  name: 'site create',
  summary: 'Create a site; "skerry apply" changes one',
  examples: ['skerry site create rotterdam --kind edge --country NL --label line=4'],
  arguments: { name: required('<name>', 'name of the new site', fits(Name)) },
  options: {
    kind: needed('--kind <kind>', SiteKind.options.join(', '), fits(SiteKind)),
    country: value('--country <code>', 'country, two letters (ISO 3166-1); its law applies', fits(country)),
    region: value('--region <name>', 'part of the country, or region of the cloud', fits(region)),
    coordinates: value('--coordinates <latitude,longitude>', 'degrees, WGS 84', parseCoordinates),
    clearance: usually('--clearance <level>', 'internal', Clearance.options.join(', '), fits(Clearance)),
    labels: list('--label <key=value>', 'label of the site', parseLabel),
  },
  async run({ labels, ...spec }, session) {
    const { client } = await session.hub()
    const reply = await client.site
      // Revision 0 succeeds only if there is no site of this name yet.
      .apply({ ...spec, labels: Object.fromEntries(labels), ifRevision: 0 }, { signal: session.signal })
      .catch((error: unknown) => {
        throw problemOf(error).code === 'revision_stale' ? existing(spec.name, error) : error
      })
    session.print({
      json: reply,
      text: () => (reply.site ? `${reply.change} the site\n${siteText(reply.site, session.style)}` : reply.change),
    })
  },
})

function existing(name: string, cause: unknown): Failure {
  const [, next] = errors.site_exists.message.split('; ')
  return new Failure({ code: 'site_exists', message: `a site ${name} exists`, next, exitCode: exitCodes.failed, cause })
}

function parseCoordinates(text: string): { latitude: number; longitude: number } {
  const [latitude, longitude, ...rest] = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  const parsed = SiteSpec.shape.coordinates.safeParse({ latitude, longitude })
  if (!parsed.data || rest.length > 0) throw new Error('must look like 51.95,4.14')
  return parsed.data
}
