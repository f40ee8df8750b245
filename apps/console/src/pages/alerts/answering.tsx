/**
 * Answering: the answer of a person to an alert about equipment, and the buttons that acknowledge and shelve it. All
 * other alerts end with their cause, and have neither.
 */
import { type Alert, ANSWERABLE_CODES } from '@skerry/contract/alerts/alert'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { AnswerDialog, type AnswerVerb } from './answer-dialog.tsx'
import { answerTexts as words } from './english-answers.ts'

/** Renders nothing for an alert that a person cannot answer. */
export function Answering({ alert }: { alert: Alert }) {
  const [verb, setVerb] = useState<AnswerVerb>()
  if (!ANSWERABLE_CODES.has(alert.code)) return null
  const { answer } = alert
  const verbs: readonly AnswerVerb[] =
    answer?.state === 'shelved' ? ['unshelve'] : answer ? ['shelve'] : ['acknowledge', 'shelve']
  return (
    <span className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1.5">
      {answer && (
        <span className="text-xs wrap-anywhere text-soft">
          {words[answer.state](answer.by)} {answer.untilMs !== undefined && `${words.until} `}
          <Instant ms={answer.untilMs ?? answer.atMs} />
          {answer.comment !== undefined && `: ${answer.comment}`}
        </span>
      )}
      <span className="flex gap-2">
        {verbs.map((each) => (
          <GuardedButton key={each} permission="alert.write" isSmall onClick={() => setVerb(each)}>
            {words[each]}
          </GuardedButton>
        ))}
      </span>
      {verb && <AnswerDialog alert={alert} verb={verb} onClose={() => setVerb(undefined)} />}
    </span>
  )
}
