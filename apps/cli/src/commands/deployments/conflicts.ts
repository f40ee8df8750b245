/** `skerry deployment conflicts` */
import { allRows } from '@skerry/client/page'
import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'

export const listConflicts = command({
  name: 'deployment conflicts',
  summary: 'List the devices on which an older deployment of the same model takes precedence',
  examples: ['skerry deployment conflicts anomaly'],
  arguments: { deployment: required('<deployment>', 'name of the deployment', fits(Name)) },
  options: {},
  async run({ deployment }, session) {
    const { client } = await session.hub()
    const { signal, style } = session
    const conflicts = await allRows((page) => client.deployment.conflicts({ ...page, deployment }, { signal }))
    session.print({
      json: conflicts,
      text: () =>
        tableOf(
          style,
          ['DEVICE', 'SITE', 'OWNED BY'],
          conflicts.map(({ name, site, owner }) => [name, site, owner]),
          'no other deployment takes precedence on any device',
        ),
    })
  },
})
