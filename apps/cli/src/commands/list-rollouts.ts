/** `skerry rollout ls` */
import { allRows } from '@skerry/client/page'
import { Name } from '@skerry/contract/names'
import { command, fits, value } from '../command.ts'
import { rolloutHeads, rolloutRows } from '../rollout-view.ts'
import { tableOf } from '../table.ts'

export const listRollouts = command({
  name: 'rollout ls',
  summary: 'List rollouts, newest first',
  examples: ['skerry rollout ls --deployment anomaly'],
  arguments: {},
  options: { deployment: value('--deployment <name>', 'only those of this deployment', fits(Name)) },
  async run({ deployment }, session) {
    const { client } = await session.hub()
    const rollouts = await allRows((page) => client.rollout.list({ ...page, deployment }, { signal: session.signal }))
    session.print({
      json: rollouts,
      text: () => tableOf(session.style, rolloutHeads, rolloutRows(rollouts, session), 'no rollouts yet'),
    })
  },
})
