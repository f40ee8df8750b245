import { command } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'

export const listDeviceClasses = command({
  name: 'device classes',
  summary: 'List the classes of hardware in the fleet, largest first',
  details: 'Devices of one class run a model alike: a measurement of a build on one of them counts for all of them.',
  examples: ['skerry device classes', 'skerry device classes --json'],
  arguments: {},
  options: {},
  async run(_words, session) {
    const { client } = await session.hub()
    const { rows } = await client.device.classes({}, { signal: session.signal })
    session.print({
      json: rows,
      text: () =>
        tableOf(
          session.style,
          ['CLASS', 'DEVICES', 'SUCH AS'],
          rows.map(({ hardwareClass, devices, examples }) => [
            hardwareClass ?? 'unknown: the agent reports no hardware',
            devices,
            examples.join(', '),
          ]),
          'no devices; create a join token with "skerry device token create"',
        ),
    })
  },
})
