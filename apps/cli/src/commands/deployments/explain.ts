/** `skerry deployment explain` */
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { explanationText } from './deployment-view.ts'

export const explainDeployment = command({
  name: 'deployment explain',
  summary: 'Explain why a device runs, or does not run, the version of a deployment',
  examples: ['skerry deployment explain anomaly gateway-1'],
  arguments: {
    deployment: required('<deployment>', 'name of the deployment', fits(Name)),
    device: required('<device>', 'name or id of the device', fits(DeviceReference)),
  },
  options: {},
  async run({ deployment, device }, session) {
    const { client } = await session.hub()
    const explanation = await client.deployment.explain({ deployment, device }, { signal: session.signal })
    session.print({ json: explanation, text: () => explanationText(explanation, session.style) })
  },
})
