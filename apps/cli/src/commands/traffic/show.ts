import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { TrafficSpan } from '@skerry/contract/traffic/traffic'
import { Name } from '@skerry/contract/values/names'
import { command, fits, required, value } from '../../program/command.ts'
import { parseLimit } from '../../program/values.ts'
import { trafficText } from './traffic-view.ts'

export const showTraffic = command({
  name: 'model traffic',
  summary: 'Show the requests, errors and latency of a model over time',
  details:
    'Of all devices together, or of one with --device. A period without a line has no report. The p50 and p95 are those of ' +
    'all answered requests together, from counts by latency, and within 9.1 % of the truth; the slowest device has the highest p95 of its own. ' +
    'A "+" marks a period whose requests devices still report.',
  examples: [
    'skerry model traffic anomaly',
    'skerry model traffic anomaly --over week --device press-7',
    'skerry model traffic anomaly --over year --version 2 --json',
  ],
  arguments: { model: required('<model>', 'the name of a model', fits(Name)) },
  options: {
    over: value(
      '--over <span>',
      'day, in periods of minutes; week, in hours; or year, in days of UTC. day by default',
      fits(TrafficSpan),
    ),
    device: value('--device <device>', 'only the requests to this device, by name or id', fits(DeviceReference)),
    version: value('--version <number>', 'only the requests to this version', parseLimit),
  },
  async run({ model: name, over, device, version }, session) {
    const { client } = await session.hub()
    const { signal } = session
    const wish = { name, ...(over && { over }), ...(version !== undefined && { version }) }
    const series = await (device === undefined
      ? client.traffic.model(wish, { signal })
      : client.traffic.device({ ...wish, device }, { signal }))
    session.print({ json: series, text: () => trafficText(series, session.style, session.io.nowMs()) })
  },
})
