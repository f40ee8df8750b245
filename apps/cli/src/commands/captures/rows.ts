import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { ROWS_READ_MAX } from '@skerry/contract/captures/capture'
import { Name } from '@skerry/contract/values/names'
import { command, fits, needed, required, usually, value } from '../../program/command.ts'
import { countText } from '../../program/terminal/words.ts'
import { parseLimit } from '../../program/values.ts'
import { rowsTable } from './capture-view.ts'

export const showRows = command({
  name: 'capture rows',
  summary: 'Look at the rows that a device keeps, newest first',
  details: 'The rows come from the device, and the hub stores none. Each look is in the audit log.',
  examples: [
    'skerry capture rows anomaly --device press-1',
    'skerry capture rows anomaly --device press-1 --limit 100 --json',
  ],
  arguments: { model: required('<model>', 'the name of a model', fits(Name)) },
  options: {
    device: needed('--device <device>', 'name or id of the device', fits(DeviceReference)),
    limit: usually('--limit <rows>', '20', `at most ${ROWS_READ_MAX}`, parseLimit),
    before: value('--before <place>', 'older rows than the one of this place', parseLimit),
  },
  async run({ model: name, device, limit, before }, session) {
    const { client } = await session.hub()
    const wish = { name, device, limit, ...(before !== undefined && { before }) }
    const found = await client.capture.rows(wish, { signal: session.signal })
    session.print({ json: found, text: () => rowsTable(found.rows, session.style) })
    if (found.next !== undefined)
      session.note(`${countText(found.heldCount, 'row')} in all; older ones with --before ${found.next}`)
    if (found.droppedCount > 0)
      session.note(`${countText(found.droppedCount, 'row')} left out, because of the disk or the rate of the device`)
  },
})
