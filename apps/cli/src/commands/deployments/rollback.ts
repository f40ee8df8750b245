import { DeploymentRevision } from '@skerry/contract/deployments/deployment-revision'
import { Name } from '@skerry/contract/values/names'
import { refusedText } from '@skerry/core/deployments/deploy-consent'
import { rollbackWarnings } from '@skerry/core/deployments/rollback/rollback-words'
import { command, fits, fitsNumber, flag, required, value } from '../../program/command.ts'
import { YES } from '../../program/options.ts'
import { rolloutLine } from '../rollouts/rollout-view.ts'
import { watchRollout } from '../rollouts/rollout-watch.ts'
import { rollbackConsent, rollbackText } from './rollback-view.ts'

export const rollBackDeployment = command({
  name: 'deployment rollback',
  summary: 'Roll a deployment back to an earlier revision: its version, on all devices at once',
  details:
    'By default it returns to the newest earlier revision that was done and runs something else than now. It makes a ' +
    'new revision with the version, serving settings, selector and probation of that time; update windows and locks of ' +
    'now still count. The command shows which devices change, and asks. For another strategy, deploy the earlier ' +
    'version with "skerry deploy". "skerry rollout rollback" ends a rollout that is still under way.',
  examples: [
    'skerry deployment rollback anomaly',
    'skerry deployment rollback anomaly --dry-run',
    'skerry deployment rollback anomaly --to 3 --yes --watch',
  ],
  arguments: { deployment: required('<deployment>', 'name of the deployment', fits(Name)) },
  options: {
    to: value(
      '--to <revision>',
      'number of the revision, as in "skerry deployment revisions"',
      fitsNumber(DeploymentRevision.shape.revision),
    ),
    isDryRun: flag('--dry-run', 'show the effects, and change nothing'),
    yes: YES,
    isWatched: flag('--watch', 'watch the rollout until it ends or pauses'),
  },
  async run({ deployment: name, to, isDryRun, yes, isWatched }, session) {
    const { client } = await session.hub()
    const { signal, style } = session
    const preview = await client.deployment.planRollback({ deployment: name, to }, { signal })
    if (isDryRun) {
      session.print({ json: preview, text: () => rollbackText(preview, style) })
      return
    }
    for (const warning of rollbackWarnings(preview)) session.note(style.yellow(warning))
    const refused = refusedText(preview.plan)
    if (refused !== undefined) session.note(style.yellow(refused))
    await session.confirm(rollbackConsent(preview), yes)
    const reply = await client.deployment.rollback(
      {
        deployment: name,
        to: preview.to.revision,
        ifRevision: preview.from.revision,
        acknowledgedLeaves: preview.plan.leaves.digest,
      },
      { signal },
    )
    const { deployment, rollbackTo } = reply
    session.note(
      `rolled back ${name} to ${deployment.spec.deployable}:${deployment.version} of revision ${rollbackTo}, now revision ${deployment.revision}`,
    )
    if (isWatched) return watchRollout({ client, rollout: deployment.rolloutId, throughPauses: false }, session)
    const rollout = await client.rollout.get({ rollout: deployment.rolloutId }, { signal })
    session.print({ json: { ...reply, rollout }, text: () => rolloutLine(rollout) })
  },
})
