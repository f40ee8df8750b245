/** Save dialog: fields and what saves them; what went wrong stands above the buttons. */
import { problemOf } from '@skerry/client/problem'
import { type ReactNode, useState } from 'react'
import { texts } from '../../texts/english.ts'
import { Button } from '../button.tsx'
import { toast } from '../toasts.tsx'
import { Dialog } from './dialog.tsx'

type SaveDialogProps = {
  title: string
  lead?: string
  verb: string
  /** Why it cannot be saved yet. */
  blocked?: string | undefined
  /** Gives the words of what was done. */
  run: () => Promise<string>
  children: ReactNode
  isWide?: boolean
  onClose: () => void
}

/** Shown while it is in the page. */
export function SaveDialog({ title, lead, verb, blocked, run, children, isWide = false, onClose }: SaveDialogProps) {
  const [error, setError] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const submit = async () => {
    setBusy(true)
    try {
      toast('good', await run())
      onClose()
    } catch (thrown) {
      setError(problemOf(thrown).message)
      setBusy(false)
    }
  }
  return (
    <Dialog isOpen isWide={isWide} onClose={onClose} title={title} {...(lead !== undefined && { lead })}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        {children}
        {error !== undefined && (
          <p role="alert" className="text-sm wrap-anywhere text-bad">
            {error}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button type="submit" look="primary" blocked={isBusy ? texts.common.loading : blocked}>
            {verb}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
