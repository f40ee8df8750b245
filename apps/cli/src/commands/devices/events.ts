/** `skerry device events` */
import { eachRow } from '@skerry/client/page'
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { DEVICE_EVENTS_MAX, type DeviceEvent, DeviceEventKind } from '@skerry/contract/devices/device-event'
import { command, fits, required, usually, value } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { instantText } from '../../program/terminal/words.ts'
import { changeText } from './views/event-words.ts'

export const listDeviceEvents = command({
  name: 'device events',
  summary: `List the newest ${DEVICE_EVENTS_MAX} events of a device, newest first, as reported`,
  examples: ['skerry device events gateway-1', 'skerry device events gateway-1 --kind item --json'],
  arguments: { device: required('<device>', 'name or id of the device', fits(DeviceReference)) },
  options: {
    limit: usually('--limit <count>', '50', 'number of events', parseLimit),
    kind: value('--kind <kind>', `only this kind: ${DeviceEventKind.options.join(', ')}`, fits(DeviceEventKind)),
  },
  async run({ device, limit, kind }, session) {
    const { client } = await session.hub()
    const rows = eachRow((page) => client.device.events({ ...page, device, kind }, { signal: session.signal }))
    const events: DeviceEvent[] = []
    for await (const event of rows) {
      events.push(event)
      if (events.length === limit) break
    }
    session.print({
      json: events,
      text: () =>
        tableOf(
          session.style,
          ['AT', 'WHAT', 'DETAIL'],
          events.map(({ atMs, change }) => [instantText(atMs), change.kind, changeText(change, atMs)]),
          'no events',
        ),
    })
  },
})

function parseLimit(text: string): number {
  const limit = Number(text)
  if (!Number.isInteger(limit) || limit < 1) throw new Error('must be a whole number, at least 1')
  return limit
}
