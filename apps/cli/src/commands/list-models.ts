/** `skerry model ls` */
import { allRows } from '@skerry/client/page'
import { command } from '../command.ts'
import { tableOf } from '../table.ts'
import { instantText } from '../words.ts'

export const listModels = command({
  name: 'model ls',
  summary: 'List models',
  examples: ['skerry model ls'],
  arguments: {},
  options: {},
  async run(_input, session) {
    const { client } = await session.hub()
    const models = await allRows((page) => client.model.list(page, { signal: session.signal }))
    session.print({
      json: models,
      text: () =>
        tableOf(
          session.style,
          ['NAME', 'VERSIONS', 'LATEST', 'ALIASES', 'CREATED'],
          models.map(({ name, versionCount, latestVersion, aliases, createdAtMs }) => [
            name,
            versionCount,
            latestVersion,
            Object.entries(aliases)
              .map(([alias, version]) => `@${alias} → ${version}`)
              .join(', '),
            instantText(createdAtMs),
          ]),
          'no models yet; push one with "skerry model push"',
        ),
    })
  },
})
