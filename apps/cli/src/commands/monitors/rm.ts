import { command } from '../../program/command.ts'
import { YES } from '../../program/options.ts'
import { SUBJECT } from './subject-argument.ts'

export const removeMonitor = command({
  name: 'monitor rm',
  summary: 'Remove the monitor of a model or source; devices stop counting',
  examples: ['skerry monitor rm anomaly --yes'],
  arguments: { model: SUBJECT },
  options: { yes: YES },
  async run({ model: name, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`remove the monitor of ${name}`, yes)
    await client.monitor.remove({ name }, { signal: session.signal })
    session.print({ json: { model: name }, text: () => `removed the monitor of ${name}` })
  },
})
