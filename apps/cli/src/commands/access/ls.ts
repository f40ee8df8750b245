import { AccessState } from '@skerry/contract/access/access'
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { command, fits, usually, value } from '../../program/command.ts'
import { parseLimit } from '../../program/values.ts'
import { grantsTable } from './access-view.ts'

export const listAccess = command({
  name: 'access ls',
  summary: 'List grants of remote access, newest first',
  examples: ['skerry access ls', 'skerry access ls --device press-1 --state active --json'],
  arguments: {},
  options: {
    device: value('--device <device>', 'only of this device', fits(DeviceReference)),
    state: value('--state <state>', `only ${AccessState.options.join(', ')}`, fits(AccessState)),
    limit: usually('--limit <count>', '100', 'number of grants', parseLimit),
  },
  async run({ device, state, limit }, session) {
    const { client } = await session.hub()
    const only = { ...(device !== undefined && { device }), ...(state !== undefined && { state }) }
    const { rows } = await client.access.list({ ...only, limit }, { signal: session.signal })
    session.print({ json: rows, text: () => grantsTable(rows, session.style) })
  },
})
