/** Approval answer: yes or no with a reason, and for whoever asked the way to take it back. Who may not is told why. */
import type { Approval } from '@skerry/contract/approvals/approval'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { hub } from '../../hub/hub-client.ts'
import { queries } from '../../hub/queries.ts'
import { approvalsTexts as words } from './english-approvals.ts'

type Answer = 'approve' | 'deny'

/** The buttons; nothing where nothing is to be answered. */
export function ApprovalAnswer({ approval }: { approval: Approval }) {
  const { status, refusal, asked } = approval
  const { data: me } = useQuery(queries.me())
  const [answer, setAnswer] = useState<Answer>()
  const isOwn = asked.id === me?.id
  if (status !== 'pending' && status !== 'approved') return null
  return (
    <div className="flex flex-col gap-3">
      {status === 'approved' && isOwn && <p className="text-sm font-medium">{words.again}</p>}
      {refusal !== undefined && <p className="text-sm text-soft first-letter:uppercase">{refusal}</p>}
      <div className="flex flex-wrap gap-2">
        {status === 'pending' && (
          <GuardedButton
            permission="approval.write"
            look="primary"
            blocked={refusal}
            onClick={() => setAnswer('approve')}
          >
            {words.approve}
          </GuardedButton>
        )}
        <GuardedButton permission="approval.write" look="danger" onClick={() => setAnswer('deny')}>
          {isOwn ? words.takeBack : words.deny}
        </GuardedButton>
      </div>
      {answer && <Question {...{ approval, answer, isOwn }} onClose={() => setAnswer(undefined)} />}
    </div>
  )
}

type QuestionProps = { approval: Approval; answer: Answer; isOwn: boolean; onClose: () => void }

function Question({ approval: { id, asked }, answer, isOwn, onClose }: QuestionProps) {
  if (answer === 'approve') {
    const said = { title: words.approveTitle, lead: words.approveLead(asked.name), done: words.approved(asked.name) }
    const run = (reason: string) => hub.approval.approve({ approval: id, reason })
    return <Confirmation {...said} verb={words.approve} needsReason run={run} onClose={onClose} />
  }
  const said = isOwn
    ? { title: words.takeBackTitle, lead: words.takeBackLead, done: words.takenBack, verb: words.takeBack }
    : { title: words.denyTitle, lead: words.denyLead(asked.name), done: words.denied, verb: words.deny }
  const run = (reason: string) => hub.approval.deny({ approval: id, reason })
  return <Confirmation {...said} isDanger needsReason run={run} onClose={onClose} />
}
