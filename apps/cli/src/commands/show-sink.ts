/** `skerry sink show` */
import { Name } from '@skerry/contract/names'
import { stringify } from 'yaml'
import { command, fits, required } from '../command.ts'
import { connectionNamed } from '../connection-setting.ts'
import { SCOPE } from '../source-reference.ts'
import { factsOf } from '../table.ts'
import { instantText } from '../words.ts'

export const showSink = command({
  name: 'sink show',
  summary: 'Show a sink that is set at the hub: who set it when, and its file',
  examples: [
    'skerry sink show plant-database --scope site:rotterdam',
    'skerry sink show plant-database --json | jq .spec > plant-database.yaml',
  ],
  arguments: { name: required('<name>', 'name of the sink', fits(Name)) },
  options: { scope: SCOPE },
  async run(reference, session) {
    const hub = await session.hub()
    const { id } = await connectionNamed(hub, { kind: 'sink', ...reference }, session)
    const found = await hub.client.sink.get({ connection: id }, { signal: session.signal })
    const { connection, spec } = found
    session.print({
      json: found,
      text: () =>
        [
          factsOf(session.style, [
            ['name', connection.name],
            ['scope', connection.scope],
            ['id', connection.id],
            ['version', connection.version],
            ['set', `${instantText(connection.updatedAtMs)} by ${connection.updatedBy}`],
          ]),
          stringify(spec).trimEnd(),
        ].join('\n\n'),
    })
  },
})
