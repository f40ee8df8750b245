import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { AccessGrantId } from '@skerry/contract/values/ids'
import { command, fits, usually, value } from '../../program/command.ts'
import { parseLimit } from '../../program/values.ts'
import { sessionsTable } from './access-view.ts'

export const listAccessSessions = command({
  name: 'access sessions',
  summary: 'List sessions of remote access, newest first',
  examples: ['skerry access sessions', 'skerry access sessions --device press-1 --json'],
  arguments: {},
  options: {
    device: value('--device <device>', 'only of this device', fits(DeviceReference)),
    grant: value('--grant <grant>', 'only of this grant', fits(AccessGrantId)),
    limit: usually('--limit <count>', '100', 'number of sessions', parseLimit),
  },
  async run({ device, grant, limit }, session) {
    const { client } = await session.hub()
    const only = { ...(device !== undefined && { device }), ...(grant !== undefined && { grant }) }
    const { rows } = await client.access.sessions({ ...only, limit }, { signal: session.signal })
    session.print({ json: rows, text: () => sessionsTable(rows, session.style) })
  },
})
