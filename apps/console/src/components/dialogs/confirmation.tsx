/** Confirmation: asks before something is done, with a reason where the audit trail wants one, and the name typed where it cannot be undone. */
import { problemOf } from '@skerry/client/problem'
import { useState } from 'react'
import { texts } from '../../texts/english.ts'
import { Button } from '../button.tsx'
import { cn } from '../class-names.ts'
import { Field } from '../fields.tsx'
import { TextInput } from '../text-input.tsx'
import { toast } from '../toasts.tsx'
import { Dialog } from './dialog.tsx'

export type ConfirmationProps = {
  title: string
  lead: string
  /** The word on the button. */
  verb: string
  isDanger?: boolean
  /** Asks why; the words go into the audit trail. */
  needsReason?: boolean
  /** Must be typed first: what is hit is named by who hits it. */
  typedName?: string
  run: (reason: string) => Promise<unknown>
  done: string
  onClose: () => void
}

/** Shown while it is in the page. */
export function Confirmation({ title, lead, onClose, ...question }: ConfirmationProps) {
  return (
    <Dialog isOpen onClose={onClose} title={title} lead={lead}>
      <Question {...question} onClose={onClose} />
    </Dialog>
  )
}

type QuestionProps = Omit<ConfirmationProps, 'title' | 'lead'>

function Question({ verb, isDanger, needsReason, typedName, run, done, onClose }: QuestionProps) {
  const [reason, setReason] = useState('')
  const [typed, setTyped] = useState('')
  const { submit, isBusy, error, isStale } = useRun(() => run(reason.trim()), done, onClose)
  const isReady = (!needsReason || reason.trim() !== '') && (typedName === undefined || typed === typedName)
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (isReady && !isBusy) void submit()
      }}
    >
      {needsReason && (
        <Field label={texts.common.reason} hint={texts.common.reasonHint}>
          {(control) => <TextInput control={control} value={reason} onChange={setReason} />}
        </Field>
      )}
      {typedName !== undefined && (
        <Field label={texts.common.typeName(typedName)}>
          {(control) => <TextInput control={control} value={typed} onChange={setTyped} />}
        </Field>
      )}
      {error !== undefined && (
        <p role="alert" className="text-sm wrap-anywhere text-bad">
          {error}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{isStale ? texts.common.lookAgain : texts.common.cancel}</Button>
        <button
          type="submit"
          disabled={!isReady || isBusy || isStale}
          className={cn(
            'h-8.5 rounded-md px-3 text-sm font-medium disabled:bg-raised disabled:text-faint',
            isDanger ? 'bg-bad text-surface' : 'bg-accent text-on-accent hover:bg-accent-strong',
          )}
        >
          {verb}
        </button>
      </div>
    </form>
  )
}

function useRun(run: () => Promise<unknown>, done: string, onClose: () => void) {
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const [isStale, setStale] = useState(false)
  const submit = async () => {
    setBusy(true)
    try {
      await run()
      toast('good', done)
      onClose()
    } catch (thrown) {
      const { code, message } = problemOf(thrown)
      // What stands behind the question is the new state by now: it wants a look before anything is asked for again.
      setStale(code === 'revision_stale')
      setError(code === 'revision_stale' ? texts.common.changedMeanwhile : message)
      setBusy(false)
    }
  }
  return { submit, isBusy, error, isStale }
}
