import { allRows } from '@skerry/client/page'
import { Name } from '@skerry/contract/values/names'
import { rolloutLanguage } from '@skerry/core/language/row-language'
import { command, fits, value } from '../../program/command.ts'
import { filtered, filterOf } from '../../program/options.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { failuresBelow } from './failure-view.ts'
import { rolloutHeads, rolloutRows, silentBelow } from './rollout-view.ts'

export const listRollouts = command({
  name: 'rollout ls',
  summary: 'List rollouts, newest first',
  examples: [
    'skerry rollout ls --deployment anomaly',
    `skerry rollout ls --filter 'rollout.status == "paused" && rollout.deployable == "ocr"'`,
  ],
  arguments: {},
  options: {
    deployment: value('--deployment <name>', 'only rollouts of this deployment', fits(Name)),
    filter: filterOf(rolloutLanguage),
  },
  async run({ deployment, filter }, session) {
    const { client } = await session.hub()
    const all = await allRows((page) => client.rollout.list({ ...page, deployment }, { signal: session.signal }))
    const rollouts = filtered(all, filter)
    session.print({
      json: rollouts,
      text: () => {
        const table = tableOf(session.style, rolloutHeads, rolloutRows(rollouts, session), 'no rollouts yet')
        return `${table}${failuresBelow(rollouts, session.style)}${silentBelow(rollouts, session.style)}`
      },
    })
  },
})
