import { allRows } from '@skerry/client/page'
import { command } from '../../program/command.ts'
import { campaignsTable } from './campaign-view.ts'

export const listCampaigns = command({
  name: 'campaign ls',
  summary: 'List campaigns, the newest first',
  examples: ['skerry campaign ls', 'skerry campaign ls --json'],
  arguments: {},
  options: {},
  async run(_, session) {
    const { client } = await session.hub()
    const rows = await allRows((page) => client.campaign.list(page, { signal: session.signal }))
    session.print({ json: rows, text: () => campaignsTable(rows, session.style) })
  },
})
