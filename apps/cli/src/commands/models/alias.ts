/** `skerry model alias` */
import { aliasTag } from '@skerry/contract/values/entity-tag'
import { Name } from '@skerry/contract/values/names'
import { command, fits, flag, required, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { parseLimit, parseModelReference } from '../../program/values.ts'

export const aliasModel = command({
  name: 'model alias',
  summary: 'Point an alias to a version, or remove it',
  details:
    'A deployment keeps the version that the alias had when it was applied. Apply it again to use the new version.',
  examples: [
    'skerry model alias anomaly:2 champion',
    'skerry model alias anomaly:3 champion --from 2',
    'skerry model alias anomaly challenger --rm',
  ],
  arguments: {
    reference: required('<model>', 'NAME:VERSION or NAME@alias; the name alone with --rm', parseModelReference),
    alias: required('<alias>', 'the alias', (text) => fits(Name)(text.replace(/^@/, ''))),
  },
  options: {
    remove: flag('--rm', 'remove the alias'),
    from: value('--from <version>', 'only if it points to this version now', parseLimit),
  },
  async run({ reference: { model, version }, alias, remove, from }, session) {
    const { client } = await session.hub()
    const { signal } = session
    const ifMatch = from === undefined ? undefined : aliasTag({ name: model, aliases: { [alias]: from } }, alias)
    const options = { signal, context: { ifMatch } }
    if (remove) {
      await client.model.removeAlias({ model, alias }, options)
      session.print({ json: { removed: alias }, text: () => `removed @${alias} from ${model}` })
      return
    }
    if (version === undefined) throw wrongUsage('give the version of the alias as NAME:VERSION')
    const moved = await client.model.setAlias({ model, alias, version }, options)
    const before = moved.previous === undefined || moved.previous === moved.version ? '' : `, before ${moved.previous}`
    session.print({ json: moved, text: () => `${model}@${alias} is version ${moved.version} now${before}` })
  },
})
