/** Rollout actions: pause, resume, approve, retry, abort and roll back, each with a reason. */

import type { Permission } from '@skerry/contract/people/permissions'
import type { Rollout } from '@skerry/contract/rollouts/rollout'
import { type EntityTag, rolloutTag } from '@skerry/contract/values/entity-tag'
import { awaitsApproval, isEnded } from '@skerry/core/rollouts/rollout-state'
import { failuresOf } from '@skerry/core/rollouts/wave-verdict'
import { useQuery } from '@tanstack/react-query'
import { BadgeCheck, CirclePause, CirclePlay, type LucideIcon, OctagonX, RotateCcw, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { hub } from '../../hub/hub-client.ts'
import { texts } from '../../texts/english.ts'
import { deployQueries } from '../deploy/deploy-queries.ts'
import { rollbackTexts } from '../deployments/rollback/english-rollback.ts'
import { RollbackButton } from '../deployments/rollback/rollback-button.tsx'
import { rolloutTexts as words } from './english-rollout.ts'

type Action = 'pause' | 'resume' | 'approve' | 'retry' | 'abort' | 'rollback'

/** The requested action, and the state that the person saw. */
type Asked = { action: Action; ifMatch: EntityTag | undefined }

/** A person who stops a rollout wants this in any state, so later changes do not matter. */
const STOPS: ReadonlySet<Action> = new Set(['pause', 'abort', 'rollback'])

const ICON: Readonly<Record<Action, LucideIcon>> = {
  pause: CirclePause,
  resume: CirclePlay,
  approve: BadgeCheck,
  retry: RotateCcw,
  abort: OctagonX,
  rollback: Undo2,
}

/** The buttons. If the state forbids an action, its button shows the reason. */
export function RolloutActions({ rollout }: { rollout: Rollout }) {
  const [asked, setAsked] = useState<Asked>()
  const action = asked?.action
  const shown = actionsOf(rollout)
  const blocked = isEnded(rollout) ? words.notPossible(texts.rolloutStatus[rollout.status]) : undefined
  return (
    <>
      {shown.map((name) => {
        const Icon = ICON[name]
        return (
          <GuardedButton
            key={name}
            permission={permissionOf(name)}
            look={lookOf(name)}
            blocked={blocked}
            onClick={() => setAsked({ action: name, ifMatch: STOPS.has(name) ? undefined : rolloutTag(rollout) })}
          >
            <Icon size={15} aria-hidden />
            {words.actions[name]}
          </GuardedButton>
        )
      })}
      {isEnded(rollout) && rollout.status !== 'superseded' && <FinishedRollback rollout={rollout} />}
      {action && (
        <Confirmation
          title={words.title[action](rollout.deployment)}
          lead={words.lead[action]}
          verb={words.actions[action]}
          needsReason
          isDanger={action === 'abort' || action === 'rollback'}
          run={(reason) =>
            hub.rollout[action]({ rollout: rollout.id, reason }, { context: { ifMatch: asked.ifMatch } })
          }
          done={words.done[action](rollout.deployment)}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  )
}

/** Approve and retry are shown only if there is something to approve or to retry. */
function actionsOf(rollout: Rollout): Action[] {
  const open = rollout.waves.slice(0, rollout.wave + 1)
  const isAnyFailed = open.some(({ counts }) => failuresOf({ counts }) + counts.tolerated > 0)
  return [
    ...(awaitsApproval(rollout) ? (['approve'] as const) : []),
    rollout.status === 'paused' ? 'resume' : 'pause',
    ...(isAnyFailed && !isEnded(rollout) ? (['retry'] as const) : []),
    'abort',
    // A rollout that has ended has nothing to roll back. Its deployment has.
    ...(isEnded(rollout) ? [] : (['rollback'] as const)),
  ]
}

/** Rolls the deployment back, or restores this revision if a later one is in force. */
function FinishedRollback({ rollout: { deployment, revision, status } }: { rollout: Rollout }) {
  const { data } = useQuery(deployQueries.deployment(deployment))
  if (!data) return null
  // A revision that was rejected is no goal. The revisions of the deployment still offer it, with a warning.
  if (status !== 'done' && data.revision !== revision) return null
  if (data.revision !== revision) return <RollbackButton deployment={deployment} to={revision} />
  return <RollbackButton deployment={deployment} blocked={revision === 1 ? rollbackTexts.noEarlier : undefined} />
}

const permissionOf = (action: Action): Permission => (action === 'approve' ? 'rollout.approve' : 'rollout.write')

function lookOf(action: Action): 'primary' | 'plain' | 'danger' {
  if (action === 'resume' || action === 'approve') return 'primary'
  return action === 'pause' || action === 'retry' ? 'plain' : 'danger'
}
