import { writtenDeployment } from '@skerry/client/manifests/manifest-change'
import { allRows } from '@skerry/client/page'
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { deploymentLanguage } from '@skerry/core/language/row-language'
import { isPlannedPause } from '@skerry/core/rollouts/views/pause-words'
import { wantedName } from '@skerry/core/rollouts/views/rejected-version'
import { runningWords, wantedWords } from '@skerry/core/rollouts/views/version-words'
import { command, fits, value } from '../../program/command.ts'
import { filtered, filterOf } from '../../program/options.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { agoText } from '../../program/terminal/words.ts'
import { failuresBelow } from '../rollouts/failure-view.ts'
import { healthyText, rejectedBelow } from './deployment-view.ts'

export const listDeployments = command({
  name: 'deployment ls',
  summary: 'List deployments',
  examples: ['skerry deployment ls', 'skerry deployment ls --device gateway-1'],
  arguments: {},
  options: {
    device: value('--device <device>', 'only deployments of this device', fits(DeviceReference)),
    filter: filterOf(deploymentLanguage),
  },
  async run({ device, filter }, session) {
    const { client } = await session.hub()
    const all = await allRows((page) => client.deployment.list({ ...page, device }, { signal: session.signal }))
    const deployments = filtered(all, filter)
    session.print({
      json: deployments,
      manifests: () => deployments.map(({ spec }) => writtenDeployment(spec)),
      text: () => {
        const table = tableOf(
          session.style,
          [
            'NAME',
            'MODEL',
            'REVISION',
            'STABLE',
            'STATUS',
            'WANTED',
            'RUNNING',
            'SELECTOR',
            'CONFLICTS',
            'ROLLOUT',
            'CHANGED',
          ],
          deployments.map((deployment) => [
            deployment.name,
            wantedName(deployment),
            deployment.revision,
            deployment.stableRevision,
            isPlannedPause({ status: deployment.rolloutStatus, pausedBy: deployment.pausedBy })
              ? 'paused as planned'
              : deployment.rolloutStatus,
            wantedWords(deployment),
            runningWords(deployment) ?? healthyText(deployment),
            deployment.spec.selector,
            deployment.conflicts,
            deployment.rolloutId,
            agoText(deployment.changedAtMs, session.io.nowMs()),
          ]),
          device === undefined
            ? 'no deployments yet; create one with "skerry deploy"'
            : 'no deployment picks the device',
        )
        const standings = deployments.map(({ name, rolloutStatus, failures }) => ({
          deployment: name,
          status: rolloutStatus,
          failures,
        }))
        return `${table}${failuresBelow(standings, session.style)}${rejectedBelow(deployments, session.style)}`
      },
    })
  },
})
