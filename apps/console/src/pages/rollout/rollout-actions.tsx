/** Rollout actions: pause, resume, abort and roll back, each with a reason. */
import type { Rollout } from '@skerry/contract/rollout'
import { isEnded } from '@skerry/core/rollout-state'
import { CirclePause, CirclePlay, type LucideIcon, OctagonX, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Confirmation } from '../../components/confirmation.tsx'
import { hub } from '../../hub/hub-client.ts'
import { texts } from '../../texts/english.ts'

type Action = 'pause' | 'resume' | 'abort' | 'rollback'

const words = texts.rollout
const ICON: Readonly<Record<Action, LucideIcon>> = {
  pause: CirclePause,
  resume: CirclePlay,
  abort: OctagonX,
  rollback: Undo2,
}

/** The buttons; those that the state refuses say so. */
export function RolloutActions({ rollout }: { rollout: Rollout }) {
  const [action, setAction] = useState<Action>()
  const isPaused = rollout.status === 'paused'
  const shown: readonly Action[] = [isPaused ? 'resume' : 'pause', 'abort', 'rollback']
  const blocked = isEnded(rollout) ? words.notPossible(texts.rolloutStatus[rollout.status]) : undefined
  return (
    <>
      {shown.map((name) => {
        const Icon = ICON[name]
        return (
          <GuardedButton
            key={name}
            permission="rollout.write"
            look={lookOf(name)}
            blocked={blocked}
            onClick={() => setAction(name)}
          >
            <Icon size={15} aria-hidden />
            {words.actions[name]}
          </GuardedButton>
        )
      })}
      {action && (
        <Confirmation
          title={words.title[action](rollout.deployment)}
          lead={words.lead[action]}
          verb={words.actions[action]}
          needsReason
          isDanger={action === 'abort' || action === 'rollback'}
          run={(reason) => hub.rollout[action]({ rollout: rollout.id, reason })}
          done={words.done[action](rollout.deployment)}
          onClose={() => setAction(undefined)}
        />
      )}
    </>
  )
}

function lookOf(action: Action): 'primary' | 'plain' | 'danger' {
  if (action === 'resume') return 'primary'
  return action === 'pause' ? 'plain' : 'danger'
}
