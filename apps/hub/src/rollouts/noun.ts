/** Rollouts, and the engine that takes them through the fleet. */
import { rolloutTag } from '@skerry/contract/values/entity-tag'
import { RolloutId } from '@skerry/contract/values/ids'
import type { FindTag, Noun } from '../nouns/noun.ts'
import { startRolloutEngine } from './engine/engine.ts'
import { rolloutHandlers } from './rollout-handlers.ts'
import { isRolloutIn } from './rollout-scope.ts'
import { findRolloutView } from './rollout-store.ts'

const findRolloutTag: FindTag = async ({ db, organisationId, named }) => {
  const rolloutId = RolloutId.safeParse(named('rollout')).data
  const rollout = rolloutId && (await findRolloutView(db, { organisationId, rolloutId }))
  return rollout && rolloutTag(rollout)
}

type Handlers = {
  rollout: typeof rolloutHandlers
}

const handlers: Handlers = { rollout: rolloutHandlers }

export const rolloutNoun = {
  handlers,
  purge: [
    ['rollout_members', ['rollout_id', 'device_id']],
    ['rollouts', ['id']],
  ],
  entityTags: { rollout: findRolloutTag },
  inScope: { rollout: isRolloutIn },
  engines: [startRolloutEngine],
  raises: { rollout: ['rollouts', 'deployments', 'devices'] },
} satisfies Noun
