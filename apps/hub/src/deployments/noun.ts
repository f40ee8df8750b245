/** Deployments and their revisions. */
import { deploymentTag } from '@skerry/contract/values/entity-tag'
import { isWithin } from '@skerry/core/people/scope'
import type { FindTag, IsInScope, Noun } from '../nouns/noun.ts'
import { deploymentHandlers } from './deployment-handlers.ts'
import { findDeployment } from './deployment-store.ts'

/** The call that makes a deployment names it by `name`. */
const findDeploymentTag: FindTag = async ({ db, organisationId, named }) => {
  const deployment = await findDeployment(db, organisationId, named('deployment') || named('name'))
  return deployment && deploymentTag(deployment)
}

const isDeploymentIn: IsInScope = async ({ db, organisationId, scope }, reference) => {
  const deployment = await findDeployment(db, organisationId, reference)
  return deployment !== undefined && isWithin(deployment.spec.selector, scope.text)
}

type Handlers = {
  deployment: typeof deploymentHandlers
}

const handlers: Handlers = { deployment: deploymentHandlers }

export const deploymentNoun = {
  handlers,
  purge: [
    ['deployment_conflicts', ['deployment_id', 'device_id']],
    ['deployment_revisions', ['deployment_id', 'revision']],
    ['deployments', ['id']],
  ],
  entityTags: { deployment: findDeploymentTag },
  inScope: { deployment: isDeploymentIn },
  raises: { deployment: ['deployments', 'rollouts', 'devices'] },
} satisfies Noun
