/** New secret dialog: asks for what is to be made, and shows what came of it this once. */
import { problemOf } from '@skerry/client/problem'
import { type ReactNode, useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Dialog } from '../../../components/dialogs/dialog.tsx'
import { texts } from '../../../texts/english.ts'

type NewSecretDialogProps = {
  words: { createTitle: string; createLead: string; create: string }
  /** Gives the secret; what it throws stands at the first field. */
  make: () => Promise<string>
  /** What is shown of the secret, instead of the fields. */
  made: (secret: string) => ReactNode
  /** The fields. */
  children: (error: string | undefined) => ReactNode
  onClose: () => void
}

/** Shown while it is in the page. */
export function NewSecretDialog({ words, make, made, children, onClose }: NewSecretDialogProps) {
  const [error, setError] = useState<string>()
  const [secret, setSecret] = useState<string>()
  const submit = async () => {
    try {
      setSecret(await make())
    } catch (thrown) {
      setError(problemOf(thrown).message)
    }
  }
  if (secret !== undefined) return made(secret)
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={words.createTitle}
      lead={words.createLead}
      footer={
        <>
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button look="primary" onClick={() => void submit()}>
            {words.create}
          </Button>
        </>
      }
    >
      {children(error)}
    </Dialog>
  )
}
