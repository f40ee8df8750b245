import { allRows } from '@skerry/client/page'
import type { Strategy } from '@skerry/contract/deployments/deployment'
import { Name } from '@skerry/contract/values/names'
import { revisionName } from '@skerry/core/rollouts/views/rejected-version'
import { planRollout } from '@skerry/core/rollouts/waves'
import { command, fits, required } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { agoText } from '../../program/terminal/words.ts'

export const listRevisions = command({
  name: 'deployment revisions',
  summary: 'List the revisions of a deployment, newest first, with their authors',
  details:
    'With --json each has its whole spec. The last ten are kept, and older ones that a device can still go back to.',
  examples: ['skerry deployment revisions anomaly'],
  arguments: { deployment: required('<deployment>', 'name of the deployment', fits(Name)) },
  options: {},
  async run({ deployment }, session) {
    const { client } = await session.hub()
    const { signal, style, io } = session
    const revisions = await allRows((page) => client.deployment.revisions({ ...page, deployment }, { signal }))
    session.print({
      json: revisions,
      text: () =>
        tableOf(
          style,
          ['REVISION', 'MODEL', 'SELECTOR', 'WAVES', 'ROLLOUT', 'BY', 'WHEN'],
          revisions.map(({ revision, spec, version, recipe, rollout, appliedBy, rollbackTo }) => [
            revision,
            `${revisionName({ spec, version, recipe })}${rollbackTo === undefined ? '' : ` (rollback to ${rollbackTo})`}`,
            spec.selector,
            wavesText(spec.strategy, rollbackTo),
            rollout?.status,
            appliedBy,
            agoText(rollout?.startedAtMs, io.nowMs()),
          ]),
          'no revisions',
        ),
    })
  },
})

/** A rollback ignores the waves of its spec: they are for the next version. */
const wavesText = (strategy: Strategy, rollbackTo: number | undefined) =>
  rollbackTo !== undefined || strategy.waves.length === 0 ? 'all at once' : planRollout(strategy).waves.length
