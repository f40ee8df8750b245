/** `skerry flow look` */
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { Name } from '@skerry/contract/values/names'
import { command, fits, needed, required } from '../../program/command.ts'
import { flowLookText } from './look-view.ts'

export const lookAtFlow = command({
  name: 'flow look',
  summary: 'Show a flow on a device as it runs: rates and newest values of each part, and the queues of its sinks',
  details:
    'Rates cover the last seconds. LOST counts the values of a sink that are lost for good, because its queue was full or the destination rejected them; their ranges stand below.',
  examples: ['skerry flow look pump --device gateway-7'],
  arguments: { flow: required('<flow>', 'name of the flow', fits(Name)) },
  options: { device: needed('--device <device>', 'name or id of the device that runs it', fits(DeviceReference)) },
  async run({ flow, device }, session) {
    const { client } = await session.hub()
    const look = await client.flow.look({ device, flow }, { signal: session.signal })
    session.print({ json: look, text: () => flowLookText(look, session.style) })
  },
})
