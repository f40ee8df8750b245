import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { ConnectionScope } from '@skerry/contract/connections/connection'
import { Name } from '@skerry/contract/values/names'
import { command, fits, value } from '../../program/command.ts'
import { listConnections } from '../sources/connection-view.ts'
import { scopeGiven } from '../sources/source-reference.ts'

export const listSinks = command({
  name: 'sink ls',
  summary: 'List the sinks at the hub, or those of a device with their state',
  examples: ['skerry sink ls', 'skerry sink ls --site rotterdam', 'skerry sink ls --device gateway-7'],
  arguments: {},
  options: {
    scope: value(
      '--scope <scope>',
      'only of this scope: organisation, site:NAME or device:NAME',
      fits(ConnectionScope),
    ),
    site: value('--site <site>', 'short for --scope site:NAME', fits(Name)),
    device: value(
      '--device <device>',
      'those that apply to this device, with their state there',
      fits(DeviceReference),
    ),
  },
  run: ({ device, ...place }, session) => listConnections('sink', { device, scope: scopeGiven(place) }, session),
})
