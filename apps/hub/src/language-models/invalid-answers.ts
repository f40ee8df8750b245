/** Invalid answers: the versions of language models whose answers often break their schema. */
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { InvalidAnswersFact } from '@skerry/core/alerts/alert-facts'
import { INVALID_SHARE_MAX } from '@skerry/core/alerts/invalid-answers-alert'
import { modelDeployments } from '../alerts/model-deployments.ts'
import type { Db } from '../store/store.ts'
import { answeringModels } from './answering-models.ts'

/** One fact for each version, with the worst device. */
export async function invalidAnswers(
  db: Db,
  wish: { organisationId: OrganisationId; nowMs: number },
): Promise<InvalidAnswersFact[]> {
  const facts = new Map<string, InvalidAnswersFact>()
  for (const { model, version, device, invalidShare = 0 } of await answeringModels(db, {
    ...wish,
    isInvalidOnly: true,
  })) {
    if (invalidShare <= INVALID_SHARE_MAX) continue
    const key = `${model}:${version}`
    const before = facts.get(key)
    const worst = before && before.invalidShare >= invalidShare ? before : { model, version, device, invalidShare }
    facts.set(key, { ...worst, count: (before?.count ?? 0) + 1 })
  }
  const models = [...facts.values()].map(({ model }) => model)
  const deployments = await modelDeployments(db, wish.organisationId, models)
  return [...facts.values()].map((fact) => ({ ...fact, deployment: deployments.get(fact.model) }))
}
