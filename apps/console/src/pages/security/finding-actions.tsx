/** Finding actions: close what was looked into, and take back what the hub did by itself: each with a reason. */
import type { Intrusion } from '@skerry/contract/intrusion/intrusion'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { hub } from '../../hub/hub-client.ts'
import { securityTexts as words } from './english-security.ts'

/** The buttons; nothing where nothing is to be done. */
export function FindingActions({ finding }: { finding: Intrusion }) {
  const { id: intrusion, status, response } = finding
  const [asked, setAsked] = useState<'close' | 'undo'>()
  const onClose = () => setAsked(undefined)
  const isOpen = status === 'open'
  const isDone = response.state === 'done'
  if (!isOpen && !isDone) return null
  return (
    <div className="flex flex-wrap gap-2">
      {isOpen && (
        <GuardedButton permission="intrusion.write" look="primary" onClick={() => setAsked('close')}>
          {words.close}
        </GuardedButton>
      )}
      {isDone && (
        <GuardedButton permission="intrusion.write" onClick={() => setAsked('undo')}>
          {words.undo}
        </GuardedButton>
      )}
      {asked === 'close' && (
        <Confirmation
          title={words.closeTitle}
          lead={words.closeLead}
          verb={words.close}
          needsReason
          run={(reason) => hub.intrusion.dismiss({ intrusion, reason })}
          done={words.closed}
          onClose={onClose}
        />
      )}
      {asked === 'undo' && (
        <Confirmation
          title={words.undoTitle}
          lead={words.undoLead(response.action)}
          verb={words.undo}
          needsReason
          run={(reason) => hub.intrusion.undo({ intrusion, reason })}
          done={words.undone}
          onClose={onClose}
        />
      )}
    </div>
  )
}
