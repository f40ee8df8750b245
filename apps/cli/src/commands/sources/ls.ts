/** `skerry source ls` */
import { ConnectionScope } from '@skerry/contract/connections/connection'
import { Name } from '@skerry/contract/values/names'
import { command, fits, value } from '../../program/command.ts'
import { listConnections } from './connection-view.ts'

export const listSources = command({
  name: 'source ls',
  summary: 'List the sources at the hub, or those of a device with their state',
  examples: ['skerry source ls', 'skerry source ls --scope site:rotterdam', 'skerry source ls --device gateway-7'],
  arguments: {},
  options: {
    scope: value(
      '--scope <scope>',
      'only of this scope: organisation, site:NAME or device:NAME',
      fits(ConnectionScope),
    ),
    device: value('--device <device>', 'those that apply to this device, with their state there', fits(Name)),
  },
  run: (reference, session) => listConnections('source', reference, session),
})
