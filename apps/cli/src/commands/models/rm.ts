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
  async run({ reference: { name, version }, yes }, session) {
    const { client } = await session.hub()
    const { signal } = session
    if (version !== undefined) {
      await session.confirm(`remove version ${version} of the model ${name}`, yes)
      await client.model.removeVersion({ name, version }, { signal })
      session.print({ json: { name, version }, text: () => `removed version ${version} of ${name}` })
      return
    }
    await session.confirm(`remove the model ${name} with all its versions`, yes)
    const { versions } = await client.model.remove({ name }, { signal })
    session.print({ json: { name, versions }, text: () => `removed ${name} with ${countText(versions, 'version')}` })
  },
})
