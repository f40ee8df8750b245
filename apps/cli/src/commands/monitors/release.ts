import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { REASON } from '../../program/options.ts'
import { SUBJECT } from './subject-argument.ts'

export const releaseFlow = command({
  name: 'monitor release',
  summary: 'Release a flow that a monitor holds: it writes tags again',
  details: 'A device that is offline writes again when it connects.',
  examples: ['skerry monitor release anomaly line-3 --reason "the sensor is replaced"'],
  arguments: {
    model: SUBJECT,
    flow: required('<flow>', 'the name of the flow', fits(Name)),
  },
  options: { reason: REASON },
  async run({ model: name, flow, reason }, session) {
    const { client } = await session.hub()
    const monitor = await client.monitor.release({ name, flow, reason }, { signal: session.signal })
    session.print({ json: monitor, text: () => `the monitor of ${name} has released the flow ${flow}` })
  },
})
