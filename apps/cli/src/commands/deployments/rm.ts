/** `skerry deployment rm` */
import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { YES } from '../../program/options.ts'
import { countText } from '../../program/terminal/words.ts'

export const removeDeployment = command({
  name: 'deployment rm',
  summary: 'Remove a deployment: its devices stop serving the model',
  examples: ['skerry deployment rm anomaly --yes'],
  arguments: { deployment: required('<deployment>', 'name of the deployment', fits(Name)) },
  options: { yes: YES },
  async run({ deployment, yes }, session) {
    const { client } = await session.hub()
    const { signal } = session
    const { spec, revision } = await client.deployment.get({ deployment }, { signal })
    await session.confirm(`remove the deployment ${deployment}: its devices would stop serving ${spec.model}`, yes)
    const reply = await client.deployment.remove({ deployment, ifRevision: revision }, { signal })
    session.print({
      json: reply,
      text: () => `removed ${deployment}; ${countText(reply.devices, 'device')} will stop serving ${spec.model}`,
    })
  },
})
