/** Batch actions: sign, send, cancel, and ask again those that failed; each says why where it may not be. */
import type { BatchDetail } from '@skerry/contract/batches/batch'
import type { Permission } from '@skerry/contract/people/permissions'
import { batchTag, type EntityTag } from '@skerry/contract/values/entity-tag'
import { RETRIED } from '@skerry/core/batches/batch'
import { Ban, FilePen, type LucideIcon, RotateCcw, Send } from 'lucide-react'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { hub } from '../../hub/hub-client.ts'
import { batchesTexts as words } from './english-batches.ts'

type Action = 'sign' | 'send' | 'cancel' | 'retry'

/** What is asked, and the state that was seen then. */
type Asked = { action: Action; ifMatch: EntityTag | undefined }

const ICON: Readonly<Record<Action, LucideIcon>> = { sign: FilePen, send: Send, cancel: Ban, retry: RotateCcw }

const PERMISSION: Readonly<Record<Action, Permission>> = {
  sign: 'batch.sign',
  send: 'batch.send',
  cancel: 'batch.send',
  retry: 'batch.send',
}

/** The buttons. */
export function BatchActions({ batch }: { batch: BatchDetail }) {
  const [asked, setAsked] = useState<Asked>()
  const retried = RETRIED.reduce((sum, outcome) => sum + batch.counts[outcome], 0)
  return (
    <>
      {shownActions(batch, retried).map((action) => {
        const Icon = ICON[action]
        return (
          <GuardedButton
            key={action}
            permission={PERMISSION[action]}
            look={action === 'cancel' ? 'danger' : 'primary'}
            // Whoever cancels wants it cancelled, whatever has happened since.
            onClick={() => setAsked({ action, ifMatch: action === 'cancel' ? undefined : batchTag(batch) })}
          >
            <Icon size={15} aria-hidden />
            {words.actions[action]}
          </GuardedButton>
        )
      })}
      {asked && (
        <Confirmation
          title={words.ask[asked.action].title}
          lead={words.ask[asked.action].lead(asked.action === 'retry' ? retried : batch.devices)}
          verb={words.actions[asked.action]}
          needsReason={asked.action === 'cancel'}
          isDanger={asked.action === 'cancel'}
          run={(reason) => act(batch.id, asked, reason)}
          done={words.done[asked.action]}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  )
}

function act(batch: BatchDetail['id'], { action, ifMatch }: Asked, reason: string): Promise<unknown> {
  if (action === 'cancel') return hub.batch.cancel({ batch, reason })
  return hub.batch[action]({ batch }, { context: { ifMatch } })
}

/** What comes next, and the way out. */
function shownActions({ status }: BatchDetail, retried: number): Action[] {
  if (status === 'draft') return ['sign', 'cancel']
  if (status === 'signed') return ['send', 'cancel']
  if (status === 'scheduled' || status === 'running') return ['cancel']
  return retried > 0 && status === 'ended' ? ['retry'] : []
}
