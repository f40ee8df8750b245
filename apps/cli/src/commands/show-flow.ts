/** `skerry flow show` */
import { command, required } from '../command.ts'
import { wrongUsage } from '../failure.ts'
import { modelText, versionText } from '../model-view.ts'
import { parseModelReference } from '../values.ts'

export const showFlow = command({
  name: 'flow show',
  summary: 'Show a flow with its versions, or what one version reads, does and tells',
  examples: ['skerry flow show pump', 'skerry flow show pump:2', 'skerry flow show pump@champion'],
  arguments: { reference: required('<flow>', 'NAME, NAME:VERSION or NAME@alias', parseModelReference) },
  options: {},
  async run({ reference: { model, version } }, session) {
    const { client } = await session.hub()
    const { signal, style } = session
    const reply = await client.model.get({ model }, { signal })
    if (reply.model.kind !== 'flow') {
      throw wrongUsage(`${model} is a model`, `"skerry model show ${model}" shows it`)
    }
    if (version === undefined) {
      session.print({ json: reply, text: () => modelText(reply, style) })
      return
    }
    const detail = await client.model.getVersion({ model, version }, { signal })
    session.print({ json: detail, text: () => versionText(detail, style) })
  },
})
