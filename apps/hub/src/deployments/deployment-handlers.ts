/** Procedures on deployments: not written yet; each answers that the hub cannot do this. */
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'

const absent = () => Promise.reject(problem('hub_unavailable', 'deployments are not part of this hub yet'))

export const deploymentHandlers = {
  apply: os.deployment.apply.handler(absent),
  plan: os.deployment.plan.handler(absent),
  list: os.deployment.list.handler(absent),
  get: os.deployment.get.handler(absent),
  explain: os.deployment.explain.handler(absent),
  remove: os.deployment.remove.handler(absent),
}
