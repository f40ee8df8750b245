/** Procedures on deployments and their rollouts. */
import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import {
  Deployment,
  DeploymentConflict,
  DeploymentPlan,
  DeploymentRevision,
  DeploymentSpec,
  Explanation,
} from '../deployments/deployment.ts'
import { Outcome, Rollout, RolloutDevice, RolloutHappening } from '../rollouts/rollout.ts'
import { Digest } from '../values/digest.ts'
import { RolloutId } from '../values/ids.ts'
import { Name, Page, pageOf, Reason } from '../values/names.ts'
import { DeviceReference } from './fleet/device-procedures.ts'
import { Change } from './fleet/site-procedures.ts'
import { procedure } from './procedure.ts'

export const deploymentProcedures = {
  apply: procedure({
    method: 'PUT',
    path: '/v1/deployments/{name}',
    access: 'deployment.write',
    scope: 'selecting',
    approval: 'deployments',
    entity: 'deployment',
    summary: 'Make a deployment be as described; a change begins a rollout, the same again changes nothing',
    errors: [
      'approval_needed',
      'model_unknown',
      'version_unknown',
      'alias_unknown',
      'selector_invalid',
      'analysis_invalid',
      'window_invalid',
      'version_untrusted',
      'leaves_unacknowledged',
    ],
  })
    .input(
      z.strictObject({
        ...DeploymentSpec.shape,
        ifRevision: z.int().min(0).optional(),
        /** `leaves.digest` of the plan: the caller has seen which devices lose the model. Needed where any does. */
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
    summary: 'Say what applying would do, and do nothing',
    errors: [
      'model_unknown',
      'version_unknown',
      'alias_unknown',
      'selector_invalid',
      'analysis_invalid',
      'window_invalid',
      'version_untrusted',
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
    summary: 'Say why a device does, or does not, run what the deployment says',
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
    summary: 'List what a deployment said before, newest first, with who applied it',
    errors: ['deployment_unknown'],
  })
    .input(z.strictObject({ ...Page, deployment: Name }))
    .output(pageOf(DeploymentRevision)),
  conflicts: procedure({
    method: 'GET',
    path: '/v1/deployments/{deployment}/conflicts',
    access: 'deployment.read',
    scope: 'named',
    approval: 'none',
    summary: 'List the devices that an older deployment of the same model keeps from this one',
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

/** Pause, resume, abort and roll back alike: by a person, with a reason, refused where the state does not allow it. */
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
      'List the devices of a rollout that changed after what was seen before, oldest change first; all of them at first',
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
        /** What to ask after next, whether there is more now or not. */
        seen: z.string(),
        isMore: z.boolean(),
        /** How many devices the rollout has: fewer than were seen when some have left, and then the list begins anew. */
        devices: z.int().min(0),
      }),
    ),
  events: procedure({
    method: 'GET',
    path: '/v1/rollouts/{rollout}/events',
    access: 'deployment.read',
    scope: 'named',
    approval: 'none',
    summary:
      'Say what happened to a rollout, newest first: who steered it and why, waves that opened, devices that failed',
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
    summary: 'Stream a rollout: as it is now, then at each change, until it ends; at most ten times a second',
    errors: ['rollout_unknown'],
  })
    .input(one)
    .output(eventIterator(Rollout)),
  pause: steer('pause', 'Offer the revision to no further device'),
  resume: steer('resume', 'Go on; failures so far are borne'),
  retry: steer('retry', 'Ask every device of open waves again that failed, rejected it or timed out'),
  approve: procedure({
    method: 'POST',
    path: '/v1/rollouts/{rollout}/approve',
    access: 'rollout.approve',
    scope: 'named',
    approval: 'none',
    entity: 'rollout',
    summary: 'Let the wave open that waits for approval',
    errors: ['rollout_unknown', 'rollout_event_refused'],
  })
    .input(because)
    .output(Rollout),
  abort: steer('abort', 'End it: no further device is offered the revision, and those that run it well keep it'),
  rollback: steer('rollback', 'End it: every device goes back to its own last good revision'),
}
