/** `skerry device pending` */
import { allRows } from '@skerry/client/page'
import { command } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { instantText } from '../../program/terminal/words.ts'

export const listWaitingDevices = command({
  name: 'device pending',
  summary: 'List pending devices, with their own statements about themselves',
  details:
    'Only the key is proved; name, serial number and machine are claims of the device. Compare the key with the one that "skerry agent --show-key" prints on the device.',
  examples: ['skerry device pending', 'skerry device pending --json'],
  arguments: {},
  options: {},
  async run(_input, session) {
    const { client } = await session.hub()
    const rows = await allRows((page) => client.device.waiting(page, { signal: session.signal }))
    session.print({
      json: rows,
      text: () =>
        tableOf(
          session.style,
          ['DEVICE', 'SITE', 'SERIAL', 'ADDRESS', 'MACHINE', 'REQUESTED', 'EXPIRES', 'KEY'],
          rows.map((row) => [
            row.name,
            row.site,
            row.notice === 'serial-in-use' ? `${row.serial} (in use!)` : row.serial,
            row.source,
            [row.hostname, row.machine].filter(Boolean).join(': '),
            instantText(row.askedAtMs),
            instantText(row.expiresAtMs),
            row.keyFingerprint,
          ]),
          'no pending devices',
        ),
    })
  },
})
