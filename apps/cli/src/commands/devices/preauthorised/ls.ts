/** `skerry device preauthorised ls` */
import { allRows } from '@skerry/client/page'
import { command } from '../../../program/command.ts'
import { tableOf } from '../../../program/terminal/table.ts'
import { instantText, labelsText } from '../../../program/terminal/words.ts'

export const listPreauthorisedDevices = command({
  name: 'device preauthorised ls',
  summary: 'List expected devices, and which of them have joined',
  examples: ['skerry device preauthorised ls', 'skerry device preauthorised ls --json'],
  arguments: {},
  options: {},
  async run(_input, session) {
    const { client } = await session.hub()
    const rows = await allRows((page) => client.expected.list(page, { signal: session.signal }))
    session.print({
      json: rows,
      text: () =>
        tableOf(
          session.style,
          ['ID', 'SERIAL', 'SITE', 'NAME', 'DEVICE', 'JOINED', 'BY', 'LABELS', 'KEY'],
          rows.map(({ id, serial, site, name, device, by, labels, keyFingerprint }) => [
            id,
            serial,
            site,
            name,
            device?.name,
            device && instantText(device.joinedAtMs),
            by,
            labelsText(labels),
            keyFingerprint,
          ]),
          'no expected devices; add some with "skerry device preauthorise"',
        ),
    })
  },
})
