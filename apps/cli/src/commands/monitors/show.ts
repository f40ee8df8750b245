import { command } from '../../program/command.ts'
import { monitorText } from './monitor-view.ts'
import { SUBJECT } from './subject-argument.ts'

export const showMonitor = command({
  name: 'monitor show',
  summary: 'Show a monitor: its rules, the verdict on each feature, and its actions',
  examples: ['skerry monitor show anomaly'],
  arguments: { model: SUBJECT },
  options: {},
  async run({ model: name }, session) {
    const { client } = await session.hub()
    const monitor = await client.monitor.get({ name }, { signal: session.signal })
    session.print({ json: monitor, text: () => monitorText(monitor, session.style, session.io.nowMs()) })
  },
})
