import { allRows } from '@skerry/client/page'
import { DeviceId } from '@skerry/contract/values/ids'
import { command, required } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { agoText } from '../../program/terminal/words.ts'
import { parseModelReference } from '../../program/values.ts'
import { livenessText } from '../devices/views/device-view.ts'

export const listModelDevices = command({
  name: 'model devices',
  summary: 'List the devices that serve a version now, as they last reported',
  examples: ['skerry model devices anomaly:2', 'skerry model devices anomaly@champion --json'],
  arguments: {
    reference: required('<model>', 'NAME, NAME:VERSION or NAME@alias; the latest by default', parseModelReference),
  },
  options: {},
  async run({ reference: { name, version = 'latest' } }, session) {
    const { client } = await session.hub()
    const { signal, style, io } = session
    const devices = await allRows(({ limit, after }) =>
      client.model.servingDevices(
        { name, version, limit, ...(after !== undefined && { after: DeviceId.parse(after) }) },
        { signal },
      ),
    )
    const sorted = devices.toSorted((a, b) => (a.name < b.name ? -1 : 1))
    session.print({
      json: sorted,
      text: () =>
        tableOf(
          style,
          ['NAME', 'SITE', 'LIVENESS', 'STATE', 'SINCE', 'REQUESTS', 'FAILED', 'P50', 'P99'],
          sorted.map(({ name, site, liveness, state, sinceMs, stats }) => [
            name,
            site,
            livenessText(liveness, style),
            state,
            agoText(sinceMs, io.nowMs()),
            stats?.requests,
            stats?.failures,
            latencyText(stats?.p50Us),
            latencyText(stats?.p99Us),
          ]),
          `no device serves ${version === 'latest' ? `the latest version of ${name}` : `the version ${version} of ${name}`}; "skerry deploy" brings it to some`,
        ),
    })
  },
})

const latencyText = (us: number | undefined) => (us === undefined ? undefined : `${(us / 1_000).toFixed(1)} ms`)
