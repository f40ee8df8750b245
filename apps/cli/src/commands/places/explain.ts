import { Name } from '@skerry/contract/values/names'
import { command, fits, required, value } from '../../program/command.ts'
import { decisionText } from './place-view.ts'

export const explainPlacement = command({
  name: 'placement explain',
  summary: 'Show which devices the placement policy of a deployment picks, and why not the others',
  examples: ['skerry placement explain anomaly', 'skerry placement explain anomaly --device gateway-1'],
  arguments: { deployment: required('<deployment>', 'name of the deployment', fits(Name)) },
  options: { device: value('--device <device>', 'only this device', fits(Name)) },
  async run({ deployment, device }, session) {
    const { client } = await session.hub()
    const decision = await client.placement.explain({ deployment }, { signal: session.signal })
    const shown =
      device === undefined
        ? decision
        : { ...decision, devices: decision.devices.filter((one) => one.device === device) }
    session.print({ json: shown, text: () => decisionText(shown, session.style, session.io.nowMs()) })
  },
})
