import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { YES } from '../../program/options.ts'

export const removeCapture = command({
  name: 'capture rm',
  summary: 'Remove the capture of a model; devices delete its rows, and the hub keeps the labels',
  examples: ['skerry capture rm anomaly --yes'],
  arguments: { model: required('<model>', 'the name of a model', fits(Name)) },
  options: { yes: YES },
  async run({ model: name, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`remove the capture of ${name}, and its rows on all devices`, yes)
    await client.capture.remove({ name }, { signal: session.signal })
    session.print({ json: { model: name }, text: () => `removed the capture of ${name}` })
  },
})
