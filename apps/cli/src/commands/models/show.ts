/** `skerry model show` */
import { command, required } from '../../program/command.ts'
import { parseModelReference } from '../../program/values.ts'
import { modelText, versionText } from './model-view.ts'

export const showModel = command({
  name: 'model show',
  summary: 'Show a model with its versions, or one version with all details',
  examples: ['skerry model show anomaly', 'skerry model show anomaly:2', 'skerry model show anomaly@champion'],
  arguments: { reference: required('<model>', 'NAME, NAME:VERSION or NAME@alias', parseModelReference) },
  options: {},
  async run({ reference: { model, version } }, session) {
    const { client } = await session.hub()
    const { signal, style } = session
    if (version === undefined) {
      const reply = await client.model.get({ model }, { signal })
      session.print({ json: reply, text: () => modelText(reply, style) })
      return
    }
    const detail = await client.model.getVersion({ model, version }, { signal })
    session.print({ json: detail, text: () => versionText(detail, style) })
  },
})
