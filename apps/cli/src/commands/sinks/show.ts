import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { Name } from '@skerry/contract/values/names'
import { command, fits, required, value } from '../../program/command.ts'
import { showConnection, showOnDevice } from '../sources/connection-view.ts'
import { SCOPE_OPTIONS, scopeOf } from '../sources/source-reference.ts'

export const showSink = command({
  name: 'sink show',
  summary: 'Show a sink at the hub: its author and time, and its file; with --device also its state there',
  examples: [
    'skerry sink show plant-database --site rotterdam',
    'skerry sink show plant-database --device gateway-7',
    'skerry sink show plant-database --json | jq .spec > plant-database.yaml',
  ],
  arguments: { name: required('<name>', 'name of the sink', fits(Name)) },
  options: {
    scope: SCOPE_OPTIONS.scope,
    site: SCOPE_OPTIONS.site,
    device: value('--device <device>', 'its state on this device', fits(DeviceReference)),
  },
  run({ name, device, ...place }, session) {
    if (device !== undefined) return showOnDevice('sink', { name, device }, session)
    return showConnection('sink', { name, scope: scopeOf(place) }, session)
  },
})
