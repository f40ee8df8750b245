import type { ConfigSchema } from '@skerry/contract/apps/config-schema'
import { permissionKey } from '@skerry/core/market/permission-diff'
import { command } from '../../program/command.ts'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { countText } from '../../program/terminal/words.ts'
import { catalogueOf, LISTING } from './listing-reference.ts'
import { ratingText } from './market-view.ts'
import { statementsText } from './publish/certify-folder.ts'

export const showListing = command({
  name: 'market show',
  summary: 'Show a listing: description, settings, permissions, versions and evidence',
  examples: ['skerry market show pump-watch', 'skerry market show plant/pump-watch@1.0.0'],
  arguments: { reference: LISTING },
  options: {},
  async run({ reference }, session) {
    const { client } = await session.hub()
    const { signal, style } = session
    const catalogue = await catalogueOf(client, reference, signal)
    const { listing: name, version } = reference
    const found = await client.market.get({ catalogue, listing: name, version }, { signal })
    const { listing, entry, versions, certificate, rating, usage } = found
    const opinions = await client.market.opinions({ catalogue, listing: name }, { signal })
    const facts = factsOf(style, [
      ['listing', `${catalogue}/${listing.name}@${listing.version}, ${listing.channel}`],
      ['title', listing.title],
      ['publisher', listing.publisher],
      ['licence', listing.licence],
      ['categories', listing.categories.join(', ')],
      ['items', entry.kinds.join(', ')],
      ['support', listing.support],
      ['works with', listing.worksWith?.join(', ')],
      ['runs on', usage && `${countText(usage.devices, 'device')}, ${usage.healthy} healthy`],
      ['rating', ratingText(rating)],
      ['digest', entry.digest],
      ['withdrawn', entry.yanked?.reason],
      ['deprecated', listing.deprecated?.reason],
    ])
    const parts = [
      facts,
      listing.description.trim(),
      settingsTable(listing.settings, style),
      tableOf(
        style,
        ['PERMISSION', 'PURPOSE'],
        listing.permissions.map((permission) => [permissionKey(permission), permission.purpose]),
        'it asks for no permission',
      ),
      tableOf(
        style,
        ['VERSION', 'CHANNEL', 'FOLLOWS', 'STATE'],
        versions.map((each) => [each.version, each.channel, each.replaces, each.yanked ? 'withdrawn' : 'offered']),
        '',
      ),
      ...listing.evidence.map(
        ({ item, measure, value, baseline, data }) =>
          `${item}: ${measure} ${value}, and ${baseline.value} of ${baseline.name}, on ${data}`,
      ),
      ...opinions.rows.flatMap(({ by, note }) => (note === undefined ? [] : [`${by}: ${note}`])),
      certificate ? statementsText(certificate.statements, style) : 'nobody has certified it',
    ]
    session.print({
      json: { ...found, opinions: opinions.rows },
      text: () => parts.filter((part) => part !== '').join('\n\n'),
    })
  },
})

const settingsTable = (settings: ConfigSchema | undefined, style: Style) =>
  tableOf(
    style,
    ['SETTING', 'TYPE', 'DEFAULT', 'MEANING'],
    Object.entries(settings?.properties ?? {}).map(([name, setting]) => [
      name,
      'format' in setting && setting.format ? setting.format : setting.type,
      setting.default === undefined ? undefined : String(setting.default),
      setting.description ?? setting.title,
    ]),
    'it has no settings',
  )
