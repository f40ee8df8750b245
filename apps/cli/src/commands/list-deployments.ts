/** `skerry deployment ls` */
import { allRows } from '@skerry/client/page'
import { command } from '../command.ts'
import { tableOf } from '../table.ts'
import { agoText } from '../words.ts'

export const listDeployments = command({
  name: 'deployment ls',
  summary: 'List deployments',
  examples: ['skerry deployment ls'],
  arguments: {},
  options: {},
  async run(_input, session) {
    const { client } = await session.hub()
    const deployments = await allRows((page) => client.deployment.list(page, { signal: session.signal }))
    session.print({
      json: deployments,
      text: () =>
        tableOf(
          session.style,
          ['NAME', 'MODEL', 'REVISION', 'STABLE', 'SELECTOR', 'CONFLICTS', 'ROLLOUT', 'CHANGED'],
          deployments.map((deployment) => [
            deployment.name,
            `${deployment.spec.model}:${deployment.version}`,
            deployment.revision,
            deployment.stableRevision,
            deployment.spec.selector,
            deployment.conflicts,
            deployment.rolloutId,
            agoText(deployment.changedAtMs, session.io.nowMs()),
          ]),
          'no deployments yet; make one with "skerry deploy"',
        ),
    })
  },
})
