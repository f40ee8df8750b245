/** Procedures on deployments and their rollouts. */
import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { Deployment, DeploymentPlan, DeploymentSpec, Explanation } from '../deployment.ts'
import { RolloutId } from '../ids.ts'
import { Name, Page, pageOf, Reason } from '../names.ts'
import { Outcome, Rollout, RolloutDevice } from '../rollout.ts'
import { DeviceReference } from './device-procedures.ts'
import { procedure } from './procedure.ts'
import { Change } from './site-procedures.ts'

export const deploymentProcedures = {
  apply: procedure({
    method: 'PUT',
    path: '/v1/deployments/{name}',
    access: 'deployment.write',
    summary: 'Make a deployment be as described; a change begins a rollout, the same again changes nothing',
    errors: ['model_unknown', 'version_unknown', 'alias_unknown', 'selector_invalid', 'revision_stale'],
  })
    .input(z.strictObject({ ...DeploymentSpec.shape, ifRevision: z.int().min(0).optional() }))
    .output(z.strictObject({ change: Change, deployment: Deployment })),
  plan: procedure({
    method: 'POST',
    path: '/v1/deployments/{name}/plan',
    access: 'deployment.read',
    summary: 'Say what applying would do, and do nothing',
    errors: ['model_unknown', 'version_unknown', 'alias_unknown', 'selector_invalid'],
  })
    .input(DeploymentSpec)
    .output(DeploymentPlan)
    .meta({ access: 'deployment.read', isReadOnly: true }),
  list: procedure({
    method: 'GET',
    path: '/v1/deployments',
    access: 'deployment.read',
    summary: 'List deployments',
    errors: [],
  })
    .input(z.strictObject(Page))
    .output(pageOf(Deployment)),
  get: procedure({
    method: 'GET',
    path: '/v1/deployments/{deployment}',
    access: 'deployment.read',
    summary: 'Show a deployment',
    errors: ['deployment_unknown'],
  })
    .input(z.strictObject({ deployment: Name }))
    .output(Deployment),
  explain: procedure({
    method: 'GET',
    path: '/v1/deployments/{deployment}/explain/{device}',
    access: 'deployment.read',
    summary: 'Say why a device does, or does not, run what the deployment says',
    errors: ['deployment_unknown', 'device_unknown'],
  })
    .input(z.strictObject({ deployment: Name, device: DeviceReference }))
    .output(Explanation),
  remove: procedure({
    method: 'DELETE',
    path: '/v1/deployments/{deployment}',
    access: 'deployment.write',
    summary: 'Remove a deployment: its devices stop serving the model',
    errors: ['deployment_unknown', 'revision_stale'],
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
    summary: 'List rollouts, newest first',
    errors: [],
  })
    .input(z.strictObject({ ...Page, deployment: Name.optional() }))
    .output(pageOf(Rollout)),
  get: procedure({
    method: 'GET',
    path: '/v1/rollouts/{rollout}',
    access: 'deployment.read',
    summary: 'Show a rollout',
    errors: ['rollout_unknown'],
  })
    .input(one)
    .output(Rollout),
  devices: procedure({
    method: 'GET',
    path: '/v1/rollouts/{rollout}/devices',
    access: 'deployment.read',
    summary: 'List the devices of a rollout',
    errors: ['rollout_unknown'],
  })
    .input(z.strictObject({ ...Page, rollout: RolloutId, outcome: Outcome.optional() }))
    .output(pageOf(RolloutDevice)),
  watch: procedure({
    method: 'GET',
    path: '/v1/rollouts/{rollout}/watch',
    access: 'deployment.read',
    summary: 'Stream a rollout: as it is now, then at each change, until it ends',
    errors: ['rollout_unknown'],
  })
    .input(one)
    .output(eventIterator(Rollout)),
  pause: steer('pause', 'Offer the revision to no further device'),
  resume: steer('resume', 'Go on; failures so far are borne'),
  abort: steer('abort', 'End it: no further device is offered the revision, and those that run it well keep it'),
  rollback: steer('rollback', 'End it: every device goes back to its own last good revision'),
}
