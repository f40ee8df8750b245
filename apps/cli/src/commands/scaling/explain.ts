import type { ScalingDecision } from '@skerry/contract/scaling/scaling'
import { Name } from '@skerry/contract/values/names'
import { command, fits, required, value } from '../../program/command.ts'
import { scalingText } from './scaling-view.ts'

export const explainScaling = command({
  name: 'scaling explain',
  summary: 'Show how many workers and replicas a deployment has, and the reason of each step',
  examples: ['skerry scaling explain anomaly', 'skerry scaling explain anomaly --device gateway-1'],
  arguments: { deployment: required('<deployment>', 'name of the deployment', fits(Name)) },
  options: { device: value('--device <device>', 'only this device', fits(Name)) },
  async run({ deployment, device }, session) {
    const { client } = await session.hub()
    const decision = await client.scaling.explain({ deployment }, { signal: session.signal })
    const shown = device === undefined ? decision : onlyDevice(decision, device)
    session.print({ json: shown, text: () => scalingText(shown, session.style, session.io.nowMs()) })
  },
})

function onlyDevice({ deployment, workers }: ScalingDecision, device: string): ScalingDecision {
  if (!workers) return { deployment }
  return { deployment, workers: { ...workers, devices: workers.devices.filter((one) => one.device === device) } }
}
