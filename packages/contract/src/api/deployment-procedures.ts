/** Procedures on deployments and their rollouts. */
import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { Deployment, DeploymentConflict, DeploymentPlan, DeploymentSpec } from '../deployments/deployment.ts'
import { DeploymentRevision } from '../deployments/deployment-revision.ts'
import { Explanation } from '../deployments/explanation.ts'
import { RollbackPlan } from '../deployments/rollback.ts'
import { Outcome, Rollout, RolloutDevice, RolloutHappening } from '../rollouts/rollout.ts'
import { Digest } from '../values/digest.ts'
import { RolloutId } from '../values/ids.ts'
import { Name, Page, pageOf, Reason } from '../values/names.ts'
import { DeviceReference } from './fleet/device-procedures.ts'
import { Change } from './fleet/site-procedures.ts'
import { procedure } from './procedure.ts'

/** The revision to return to. By default, the newest earlier one that was done and differs from the one in force. */
const earlier = { deployment: Name, to: z.coerce.number<number | string>().int().min(1).max(1_000_000_000).optional() }

const rollbackErrors = [
  'deployment_unknown',
  'revision_unknown',
  'rollback_target_missing',
  'rollback_target_same',
  'model_unknown',
  'version_unknown',
  'selector_invalid',
  'window_invalid',
  'version_untrusted',
  'version_untested',
  'version_vulnerable',
] as const

export const deploymentProcedures = {
  apply: procedure({
    method: 'PUT',
    path: '/v1/deployments/{name}',
    access: 'deployment.write',
    scope: 'selecting',
    approval: 'deployments',
    entity: 'deployment',
    summary: 'Create or change a deployment as described; a change starts a rollout, a repetition changes nothing',
    errors: [
      'approval_needed',
      'model_unknown',
      'version_unknown',
      'alias_unknown',
      'build_unknown',
      'selector_invalid',
      'analysis_invalid',
      'window_invalid',
      'version_untrusted',
      'version_untested',
      'version_vulnerable',
      'leaves_unacknowledged',
    ],
  })
    .input(
      z.strictObject({
        ...DeploymentSpec.shape,
        ifRevision: z.int().min(0).optional(),
        /** `leaves.digest` of the plan: the caller has seen which devices lose the model. Required if any does. */
        acknowledgedLeaves: Digest.optional(),
      }),
    )
    .output(z.strictObject({ change: Change, deployment: Deployment })),
  plan: procedure({
    method: 'POST',
    path: '/v1/deployments/{name}/plan',
    access: 'deployment.read',
    scope: 'selecting',
    approval: 'none',
    isReadOnly: true,
    summary: 'Show the effects of a deployment, without a change',
    errors: [
      'model_unknown',
      'version_unknown',
      'alias_unknown',
      'build_unknown',
      'selector_invalid',
      'analysis_invalid',
      'window_invalid',
      'version_untrusted',
      'version_untested',
      'version_vulnerable',
    ],
  })
    .input(DeploymentSpec)
    .output(DeploymentPlan),
  list: procedure({
    method: 'GET',
    path: '/v1/deployments',
    access: 'deployment.read',
    scope: 'filtered',
    approval: 'none',
    summary: 'List deployments, or those that a device is in',
    errors: ['device_unknown'],
  })
    .input(z.strictObject({ ...Page, device: DeviceReference.optional() }))
    .output(pageOf(Deployment)),
  get: procedure({
    method: 'GET',
    path: '/v1/deployments/{deployment}',
    access: 'deployment.read',
    scope: 'named',
    approval: 'none',
    entity: 'deployment',
    summary: 'Show a deployment',
    errors: ['deployment_unknown'],
  })
    .input(z.strictObject({ deployment: Name }))
    .output(Deployment),
  explain: procedure({
    method: 'GET',
    path: '/v1/deployments/{deployment}/explain/{device}',
    access: 'deployment.read',
    scope: 'named',
    approval: 'none',
    summary: 'Explain why a device runs, or does not run, the version of the deployment',
    errors: ['deployment_unknown', 'device_unknown'],
  })
    .input(z.strictObject({ deployment: Name, device: DeviceReference }))
    .output(Explanation),
  revisions: procedure({
    method: 'GET',
    path: '/v1/deployments/{deployment}/revisions',
    access: 'deployment.read',
    scope: 'named',
    approval: 'none',
    summary: 'List the revisions of a deployment, newest first, with their authors',
    errors: ['deployment_unknown'],
  })
    .input(z.strictObject({ ...Page, deployment: Name }))
    .output(pageOf(DeploymentRevision)),
  rollback: procedure({
    method: 'POST',
    path: '/v1/deployments/{deployment}/rollback',
    access: 'deployment.write',
    scope: 'named',
    approval: 'deployments',
    entity: 'deployment',
    summary: 'Roll a deployment back to an earlier revision: a new revision with its version, to all devices at once',
    errors: ['approval_needed', ...rollbackErrors, 'leaves_unacknowledged'],
  })
    .input(
      z.strictObject({
        ...earlier,
        ifRevision: z.int().min(1).optional(),
        /** `plan.leaves.digest` of the preview. Required if any device loses the model. */
        acknowledgedLeaves: Digest.optional(),
      }),
    )
    .output(z.strictObject({ rollbackTo: z.int().min(1), deployment: Deployment })),
  planRollback: procedure({
    method: 'GET',
    path: '/v1/deployments/{deployment}/rollback',
    access: 'deployment.read',
    scope: 'named',
    approval: 'none',
    summary: 'Show the effects of a rollback to an earlier revision, without a change',
    errors: [...rollbackErrors],
  })
    .input(z.strictObject(earlier))
    .output(RollbackPlan),
  conflicts: procedure({
    method: 'GET',
    path: '/v1/deployments/{deployment}/conflicts',
    access: 'deployment.read',
    scope: 'named',
    approval: 'none',
    summary: 'List the devices on which an older deployment of the same model takes precedence',
    errors: ['deployment_unknown'],
  })
    .input(z.strictObject({ ...Page, deployment: Name }))
    .output(pageOf(DeploymentConflict)),
  remove: procedure({
    method: 'DELETE',
    path: '/v1/deployments/{deployment}',
    access: 'deployment.write',
    scope: 'named',
    approval: 'deployments',
    entity: 'deployment',
    summary: 'Remove a deployment: its devices stop serving the model',
    errors: ['approval_needed', 'deployment_unknown'],
  })
    .input(z.strictObject({ deployment: Name, ifRevision: z.int().min(1).optional() }))
    .output(z.strictObject({ devices: z.int().min(0) })),
}

const one = z.strictObject({ rollout: RolloutId })
const because = z.strictObject({ rollout: RolloutId, reason: Reason })

/** Pause, resume, abort and roll back alike: by a person, with a reason, rejected if the status does not allow it. */
const steer = (verb: string, summary: string) =>
  procedure({
    method: 'POST',
    path: `/v1/rollouts/{rollout}/${verb}`,
    access: 'rollout.write',
    scope: 'named',
    approval: 'none',
    entity: 'rollout',
    summary,
    errors: ['rollout_unknown', 'rollout_event_refused'],
  })
    .input(because)
    .output(Rollout)

export const rolloutProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/rollouts',
    access: 'deployment.read',
    scope: 'filtered',
    approval: 'none',
    summary: 'List rollouts, newest first',
    errors: [],
  })
    .input(z.strictObject({ ...Page, deployment: Name.optional() }))
    .output(pageOf(Rollout)),
  get: procedure({
    method: 'GET',
    path: '/v1/rollouts/{rollout}',
    access: 'deployment.read',
    scope: 'named',
    approval: 'none',
    entity: 'rollout',
    summary: 'Show a rollout',
    errors: ['rollout_unknown'],
  })
    .input(one)
    .output(Rollout),
  devices: procedure({
    method: 'GET',
    path: '/v1/rollouts/{rollout}/devices',
    access: 'deployment.read',
    scope: 'named',
    approval: 'none',
    summary: 'List the devices of a rollout',
    errors: ['rollout_unknown'],
  })
    .input(z.strictObject({ ...Page, rollout: RolloutId, outcome: Outcome.optional() }))
    .output(pageOf(RolloutDevice)),
  changes: procedure({
    method: 'GET',
    path: '/v1/rollouts/{rollout}/changes',
    access: 'deployment.read',
    scope: 'named',
    approval: 'none',
    summary:
      'List the devices of a rollout that changed since an earlier answer, oldest change first; at first, all of them',
    errors: ['rollout_unknown'],
  })
    .input(
      z.strictObject({
        rollout: RolloutId,
        /** 2,000 rows stay under a megabyte, and 10,000 devices are five questions. */
        limit: z.coerce.number<number | string>().int().min(1).max(2_000).default(500),
        /** `seen` of the answer before. */
        after: z.string().max(200).optional(),
      }),
    )
    .output(
      z.strictObject({
        rows: z.array(RolloutDevice),
        /** The value of `after` for the next request, even if there is no more now. */
        seen: z.string(),
        isMore: z.boolean(),
        /**
         * How many devices the rollout has: fewer than the client has seen if some have left. The client then fetches
         * the whole list again.
         */
        devices: z.int().min(0),
      }),
    ),
  events: procedure({
    method: 'GET',
    path: '/v1/rollouts/{rollout}/events',
    access: 'deployment.read',
    scope: 'named',
    approval: 'none',
    summary: 'List the events of a rollout, newest first: actions with their reasons, opened waves, failed devices',
    errors: ['rollout_unknown'],
  })
    .input(z.strictObject({ ...Page, rollout: RolloutId }))
    .output(pageOf(RolloutHappening)),
  watch: procedure({
    method: 'GET',
    path: '/v1/rollouts/{rollout}/watch',
    access: 'deployment.read',
    scope: 'named',
    approval: 'none',
    summary: 'Stream a rollout: its current state, then each change until it ends; at most ten times a second',
    errors: ['rollout_unknown'],
  })
    .input(one)
    .output(eventIterator(Rollout)),
  pause: steer('pause', 'Pause the rollout: no further device gets the revision'),
  resume: steer('resume', 'Resume the rollout; earlier failures are tolerated'),
  retry: steer('retry', 'Offer the revision again to devices of open waves that failed, rejected it or timed out'),
  approve: procedure({
    method: 'POST',
    path: '/v1/rollouts/{rollout}/approve',
    access: 'rollout.approve',
    scope: 'named',
    approval: 'none',
    entity: 'rollout',
    summary: 'Open the wave that waits for approval',
    errors: ['rollout_unknown', 'rollout_event_refused'],
  })
    .input(because)
    .output(Rollout),
  abort: steer('abort', 'End the rollout: no further device gets the revision, and healthy devices keep it'),
  rollback: steer('rollback', 'End the rollout: every device rolls back to its own last good revision'),
}
