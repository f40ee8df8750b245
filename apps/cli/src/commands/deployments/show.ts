import { writtenDeployment } from '@skerry/client/manifests/manifest-change'
import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { deploymentText } from './deployment-view.ts'

export const showDeployment = command({
  name: 'deployment show',
  summary: 'Show a deployment and its rollout',
  examples: ['skerry deployment show anomaly'],
  arguments: { deployment: required('<deployment>', 'name of the deployment', fits(Name)) },
  options: {},
  async run({ deployment: name }, session) {
    const { client } = await session.hub()
    const { signal } = session
    const deployment = await client.deployment.get({ deployment: name }, { signal })
    const rollout = await client.rollout.get({ rollout: deployment.rolloutId }, { signal })
    session.print({
      json: { deployment, rollout },
      text: () => deploymentText(deployment, rollout, session),
      manifests: () => [writtenDeployment(deployment.spec)],
    })
  },
})
