/** Decision buttons: a reviewer accepts or rejects a pending submission. */
import type { Submission } from '@skerry/contract/market/submission'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Confirmation } from '../../../components/dialogs/confirmation.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { reviewTexts as words } from './english-review.ts'

/** It renders nothing after the decision. */
export function DecisionButtons({ submission }: { submission: Submission }) {
  const client = useQueryClient()
  const [decision, setDecision] = useState<'accept' | 'reject'>()
  const { id, listing, version, catalogue, state } = submission
  if (state !== 'pending') return null
  const name = `${listing} ${version}`
  const refresh = () => client.invalidateQueries({ queryKey: ['models', 'market'] })
  const accept = async () => {
    await hub.submission.accept({ submission: id })
    await refresh()
  }
  const reject = async (reason: string) => {
    await hub.submission.reject({ submission: id, reason })
    await refresh()
  }
  const close = () => setDecision(undefined)
  return (
    <span className="inline-flex flex-wrap gap-2">
      <GuardedButton permission="market.review" look="primary" onClick={() => setDecision('accept')}>
        {words.accept}
      </GuardedButton>
      <GuardedButton permission="market.review" look="danger" onClick={() => setDecision('reject')}>
        {words.reject}
      </GuardedButton>
      {decision === 'accept' && (
        <Confirmation
          title={words.acceptTitle(name)}
          lead={words.acceptLead(catalogue)}
          verb={words.accept}
          run={accept}
          done={words.accepted(name)}
          onClose={close}
        />
      )}
      {decision === 'reject' && (
        <Confirmation
          title={words.rejectTitle(name)}
          lead={words.rejectLead}
          verb={words.reject}
          isDanger
          needsReason
          run={reject}
          done={words.rejected(name)}
          onClose={close}
        />
      )}
    </span>
  )
}
