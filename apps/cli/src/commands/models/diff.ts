/** `skerry model diff` */
import { VersionReference } from '@skerry/contract/models/model'
import { Name } from '@skerry/contract/values/names'
import { diffOf } from '../../kinds/kinds.ts'
import { command, fits, required } from '../../program/command.ts'

export const diffModel = command({
  name: 'model diff',
  summary: 'Show the changes between two versions of a model: signature, operators, files, sizes, golden cases',
  examples: ['skerry model diff anomaly 1 2', 'skerry model diff anomaly @champion latest --json'],
  arguments: {
    model: required('<model>', 'name of the model', fits(Name)),
    from: required('<from>', 'a version: a number, latest or @alias', fits(VersionReference)),
    to: required('<to>', 'the version to compare it with', fits(VersionReference)),
  },
  options: {},
  async run({ model, from, to }, session) {
    const { client } = await session.hub()
    const { signal, style } = session
    const [before, after] = await Promise.all([
      client.model.getVersion({ model, version: from }, { signal }),
      client.model.getVersion({ model, version: to }, { signal }),
    ])
    const diff = diffOf(before, after)
    session.print({ json: diff.json, text: () => diff.text(style) })
  },
})
