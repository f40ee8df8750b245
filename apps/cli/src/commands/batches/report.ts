/** `skerry batch report` */
import { allRows } from '@skerry/client/page'
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { JobOutcome } from '@skerry/contract/batches/batch'
import { command, fits, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { BATCH } from './batch-options.ts'
import { deviceHeads, deviceRows } from './batch-view.ts'

export const reportBatch = command({
  name: 'batch report',
  summary: 'List the devices of a batch with their outcomes, or show the output of one device',
  examples: [
    'skerry batch report bat_abcdefgh234567 --outcome failed',
    'skerry batch report bat_abcdefgh234567 --device gateway-1',
  ],
  arguments: { batch: BATCH },
  options: {
    outcome: value(
      '--outcome <outcome>',
      `only devices with this outcome: ${JobOutcome.options.join(', ')}`,
      fits(JobOutcome),
    ),
    device: value('--device <device>', 'the output of this device: lines of its log, or JSON', fits(DeviceReference)),
  },
  async run({ batch, outcome, device }, session) {
    if (device !== undefined && outcome !== undefined)
      throw wrongUsage('--device shows one device with any outcome', 'leave --outcome out')
    const { client } = await session.hub()
    const { signal, style } = session
    if (device !== undefined) {
      const result = await client.batch.output({ batch, device }, { signal })
      const said = result.output ?? (result.code === undefined ? '' : `${result.code}: ${result.message}`)
      const none = style.dim(`${result.outcome}, with no output`)
      return session.print({ json: result, text: () => (said === '' ? none : said.replace(/\n$/, '')) })
    }
    const devices = await allRows((page) => client.batch.devices({ ...page, batch, outcome }, { signal }))
    const text = () => tableOf(style, deviceHeads, deviceRows(devices, session), 'no devices')
    session.print({ json: devices, text })
  },
})
