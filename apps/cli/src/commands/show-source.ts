/** `skerry source show` */
import { Name } from '@skerry/contract/names'
import { stringify } from 'yaml'
import { command, fits, required } from '../command.ts'
import { connectionNamed } from '../connection-setting.ts'
import { SCOPE } from '../source-reference.ts'
import { factsOf } from '../table.ts'
import { instantText } from '../words.ts'

export const showSource = command({
  name: 'source show',
  summary: 'Show a source that is set at the hub: who set it when, and its file',
  examples: [
    'skerry source show press-7 --scope site:rotterdam',
    'skerry source show press-7 --json | jq .spec > press-7.yaml',
  ],
  arguments: { name: required('<name>', 'name of the source', fits(Name)) },
  options: { scope: SCOPE },
  async run(reference, session) {
    const hub = await session.hub()
    const { id } = await connectionNamed(hub, { kind: 'source', ...reference }, session)
    const found = await hub.client.source.get({ connection: id }, { signal: session.signal })
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
            ['tags', connection.tags],
            ['set', `${instantText(connection.updatedAtMs)} by ${connection.updatedBy}`],
          ]),
          stringify(spec).trimEnd(),
        ].join('\n\n'),
    })
  },
})
