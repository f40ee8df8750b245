import { allRows } from '@skerry/client/page'
import { Channel, ListingCategory } from '@skerry/contract/market/listing'
import { command, fits, flag, optional, usually, value } from '../../program/command.ts'
import { listingsTable } from './market-view.ts'

export const searchMarket = command({
  name: 'market search',
  summary: 'Search the listings of all subscribed catalogues',
  examples: ['skerry market search', 'skerry market search pump --category maintenance'],
  arguments: { text: optional('[text]', 'words in the name, title, summary or publisher', String) },
  options: {
    category: value('--category <category>', `${ListingCategory.options.join(', ')}`, fits(ListingCategory)),
    kind: value('--kind <kind>', 'model, flow, app, source or sink', String),
    recommended: flag('--recommended', 'only listings that work with the kinds of your sources'),
    channel: usually('--channel <channel>', 'stable', 'stable or beta', fits(Channel)),
  },
  async run({ text, category, kind, recommended, channel }, session) {
    const { client } = await session.hub()
    const query = { text, category, kind, channel, ...(recommended && { recommended: 'true' }) }
    const rows = await allRows((page) => client.market.search({ ...query, ...page }, { signal: session.signal }))
    session.print({ json: rows, text: () => listingsTable(rows, session.style) })
  },
})
