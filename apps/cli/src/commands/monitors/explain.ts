import { Name } from '@skerry/contract/values/names'
import { explainMonitor } from '@skerry/core/monitors/explain'
import { command, fits, required } from '../../program/command.ts'
import { instantText } from '../../program/terminal/words.ts'

export const explainVerdict = command({
  name: 'monitor explain',
  summary: 'Explain the verdict of a monitor: figures, thresholds, windows and cohorts',
  examples: ['skerry monitor explain anomaly', 'skerry monitor explain anomaly --json'],
  arguments: { model: required('<model>', 'the name of a model', fits(Name)) },
  options: {},
  async run({ model: name }, session) {
    const { client } = await session.hub()
    const monitor = await client.monitor.get({ name }, { signal: session.signal })
    const explained = explainMonitor(monitor, { time: (ms) => instantText(ms) ?? '' })
    session.print({
      json: explained,
      text: () =>
        explained
          .map(
            ({ version, state, lines }) => `${session.style.bold(`${name}:${version}: ${state}`)}\n${lines.join('\n')}`,
          )
          .join('\n\n') || 'No device serves the model yet.',
    })
  },
})
