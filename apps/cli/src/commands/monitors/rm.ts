import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { YES } from '../../program/options.ts'

export const removeMonitor = command({
  name: 'monitor rm',
  summary: 'Remove the monitor of a model; devices stop counting',
  examples: ['skerry monitor rm anomaly --yes'],
  arguments: { model: required('<model>', 'the name of a model', fits(Name)) },
  options: { yes: YES },
  async run({ model: name, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`remove the monitor of ${name}`, yes)
    await client.monitor.remove({ name }, { signal: session.signal })
    session.print({ json: { model: name }, text: () => `removed the monitor of ${name}` })
  },
})
