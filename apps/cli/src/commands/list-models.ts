/** `skerry model ls` */
import { allRows } from '@skerry/client/page'
import { modelLanguage } from '@skerry/core/row-language'
import { command } from '../command.ts'
import { filtered, filterOf } from '../options.ts'
import { tableOf } from '../table.ts'
import { instantText } from '../words.ts'

export const listModels = command({
  name: 'model ls',
  summary: 'List models and flows',
  examples: [
    'skerry model ls',
    `skerry model ls --filter 'model.versions > 1'`,
    `skerry model ls --filter 'model.kind == "flow"'`,
  ],
  arguments: {},
  options: { filter: filterOf(modelLanguage) },
  async run({ filter }, session) {
    const { client } = await session.hub()
    const all = await allRows((page) => client.model.list(page, { signal: session.signal }))
    const models = filtered(all, filter)
    session.print({
      json: models,
      text: () =>
        tableOf(
          session.style,
          ['NAME', 'KIND', 'VERSIONS', 'LATEST', 'ALIASES', 'CREATED'],
          models.map(({ name, kind, versionCount, latestVersion, aliases, createdAtMs }) => [
            name,
            kind,
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
