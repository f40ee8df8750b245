/** `skerry sink ls` */
import { ConnectionScope } from '@skerry/contract/connections/connection'
import { Name } from '@skerry/contract/values/names'
import { command, fits, value } from '../../program/command.ts'
import { listConnections } from '../sources/connection-view.ts'

export const listSinks = command({
  name: 'sink ls',
  summary: 'List the sinks that are set at the hub; or those of a device, and how they do there',
  examples: ['skerry sink ls', 'skerry sink ls --scope site:rotterdam', 'skerry sink ls --device gateway-7'],
  arguments: {},
  options: {
    scope: value('--scope <scope>', 'only those of organisation, site:NAME or device:NAME', fits(ConnectionScope)),
    device: value('--device <device>', 'what counts on the device, and how it does there', fits(Name)),
  },
  run: (reference, session) => listConnections('sink', reference, session),
})
