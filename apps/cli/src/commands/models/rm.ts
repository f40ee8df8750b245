/** `skerry model rm` */
import { command, required } from '../../program/command.ts'
import { YES } from '../../program/options.ts'
import { countText } from '../../program/terminal/words.ts'
import { parseModelReference } from '../../program/values.ts'

export const removeModel = command({
  name: 'model rm',
  summary: 'Remove a model, or one version, that no deployment uses',
  examples: ['skerry model rm anomaly:1 --yes', 'skerry model rm anomaly --yes'],
  arguments: {
    reference: required('<model>', 'NAME for all of it, NAME:VERSION for one version', parseModelReference),
  },
  options: { yes: YES },
  async run({ reference: { model, version }, yes }, session) {
    const { client } = await session.hub()
    const { signal } = session
    if (version !== undefined) {
      await session.confirm(`remove version ${version} of the model ${model}`, yes)
      await client.model.removeVersion({ model, version }, { signal })
      session.print({ json: { model, version }, text: () => `removed version ${version} of ${model}` })
      return
    }
    await session.confirm(`remove the model ${model} with all its versions`, yes)
    const { versions } = await client.model.remove({ model }, { signal })
    session.print({ json: { model, versions }, text: () => `removed ${model} with ${countText(versions, 'version')}` })
  },
})
