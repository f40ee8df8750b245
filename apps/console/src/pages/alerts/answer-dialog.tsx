/** Answer dialog: acknowledges an alert with a comment, shelves it for some hours with a reason, or unshelves it. */
import { problemOf } from '@skerry/client/problem'
import type { Alert } from '@skerry/contract/alerts/alert'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Choice } from '../../components/choice.tsx'
import { Dialog } from '../../components/dialogs/dialog.tsx'
import { sentenceOf } from '../../components/facts/alert-marks.tsx'
import { Field } from '../../components/fields.tsx'
import { TextInput } from '../../components/text-input.tsx'
import { toast } from '../../components/toasts.tsx'
import { hub } from '../../hub/hub-client.ts'
import { texts } from '../../texts/english.ts'
import { answerTexts as words } from './english-answers.ts'

export type AnswerVerb = 'acknowledge' | 'shelve' | 'unshelve'

const TITLES = {
  acknowledge: [words.acknowledgeTitle, words.acknowledgeLead],
  shelve: [words.shelveTitle, words.shelveLead],
  unshelve: [words.unshelveTitle, words.unshelveLead],
} as const

const HOUR_SECONDS = 3_600

/** A shift. */
const USUAL_HOURS = '8'

type AnswerDialogProps = { alert: Alert; verb: AnswerVerb; onClose: () => void }

/** Shown while it is in the page. The alert is the one that the person saw when they opened it. */
export function AnswerDialog({ alert, verb, onClose }: AnswerDialogProps) {
  const [seen] = useState(alert)
  const [title, lead] = TITLES[verb]
  return (
    <Dialog isOpen onClose={onClose} title={title} lead={lead}>
      <AnswerForm alert={seen} verb={verb} onClose={onClose} />
    </Dialog>
  )
}

function AnswerForm({ alert, verb, onClose }: AnswerDialogProps) {
  const [comment, setComment] = useState('')
  const [hours, setHours] = useState(USUAL_HOURS)
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const client = useQueryClient()
  const text = comment.trim()
  const isReady = !isBusy && (verb !== 'shelve' || text !== '')
  const submit = async () => {
    setBusy(true)
    try {
      await send(alert, { verb, text, hours })
      await client.invalidateQueries({ queryKey: ['alerts'] })
      toast('good', words.done[verb])
      onClose()
    } catch (thrown) {
      setError(problemOf(thrown).message)
      setBusy(false)
    }
  }
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (isReady) void submit()
      }}
    >
      <p className="rounded-md bg-raised px-3 py-2 text-sm wrap-anywhere">{sentenceOf(alert.message)}</p>
      {verb === 'shelve' && (
        <Choice label={words.span} value={hours} options={Object.entries(words.spans)} onChange={setHours} />
      )}
      {verb !== 'unshelve' && (
        <Field
          label={verb === 'shelve' ? texts.common.reason : words.comment}
          hint={verb === 'shelve' ? texts.common.reasonHint : words.commentHint}
        >
          {(control) => <TextInput control={control} value={comment} onChange={setComment} />}
        </Field>
      )}
      {error !== undefined && (
        <p role="alert" className="text-sm wrap-anywhere text-bad">
          {error}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{texts.common.cancel}</Button>
        <button
          type="submit"
          disabled={!isReady}
          className="h-8.5 rounded-md bg-accent px-3 text-sm font-medium text-on-accent hover:bg-accent-strong disabled:bg-raised disabled:text-faint"
        >
          {words[verb]}
        </button>
      </div>
    </form>
  )
}

type Wish = { verb: AnswerVerb; text: string; hours: string }

function send({ id, sinceMs, count }: Alert, { verb, text, hours }: Wish): Promise<unknown> {
  if (verb === 'unshelve') return hub.alert.unshelve({ alert: id })
  if (verb === 'shelve') return hub.alert.shelve({ alert: id, seconds: Number(hours) * HOUR_SECONDS, reason: text })
  return hub.alert.acknowledge({
    alert: id,
    ...(text !== '' && { comment: text }),
    ...(sinceMs !== undefined && { seen: { sinceMs, count } }),
  })
}
