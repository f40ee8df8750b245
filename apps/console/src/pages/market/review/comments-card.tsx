/** Comments card: the discussion between the publisher and the reviewers. */
import { problemOf } from '@skerry/client/problem'
import type { Submission, SubmissionComment } from '@skerry/contract/market/submission'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { Field } from '../../../components/fields.tsx'
import { TextInput } from '../../../components/text-input.tsx'
import { toast } from '../../../components/toasts.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { reviewTexts as words } from './english-review.ts'

type CommentsProps = { submission: Pick<Submission, 'id'>; comments: readonly SubmissionComment[] }

export function CommentsCard({ submission: { id }, comments }: CommentsProps) {
  const client = useQueryClient()
  const [text, setText] = useState('')
  const send = async () => {
    try {
      await hub.submission.comment({ submission: id, text })
      setText('')
      toast('good', words.sent)
      await client.invalidateQueries({ queryKey: ['models', 'market', 'submissions'] })
    } catch (error) {
      toast('bad', problemOf(error).message)
    }
  }
  return (
    <Card title={words.comments}>
      {comments.length === 0 && <p className="text-sm text-soft">{words.noComments}</p>}
      <ul className="flex flex-col gap-3">
        {comments.map(({ atMs, by, text: said }) => (
          <li key={`${atMs} ${by} ${said}`} className="text-sm">
            <span className="text-xs text-soft">
              {by}, <Instant ms={atMs} />
            </span>
            <span className="block whitespace-pre-wrap wrap-anywhere">{said}</span>
          </li>
        ))}
      </ul>
      <form
        className="mt-4 flex flex-col gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          if (text.trim() !== '') void send()
        }}
      >
        <Field label={words.comment} hint={words.commentHint}>
          {(control) => <TextInput control={control} value={text} onChange={setText} />}
        </Field>
        <GuardedButton permission="market.submit" type="submit" className="self-start">
          {words.send}
        </GuardedButton>
      </form>
    </Card>
  )
}
