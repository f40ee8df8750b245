/** Passkey dialogs: a new one, another name, and one less. */
import type { Passkey } from '@skerry/contract/people/passkey'
import { type ReactNode, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialogs/dialog.tsx'
import { Field, INPUT } from '../../components/fields.tsx'
import { toast } from '../../components/toasts.tsx'
import { hub } from '../../hub/hub-client.ts'
import { addPasskey } from '../../hub/passkeys.ts'
import { texts } from '../../texts/english.ts'
import { Refusal } from '../sign-in/refusal.tsx'
import { useAttempt } from '../sign-in/use-attempt.ts'
import { browserName } from './browser-name.ts'
import { passkeyTexts } from './english-passkeys.ts'
import { SubmitButton } from './proof-fields.tsx'
import { SignInAgain } from './sign-in-again.tsx'

const words = passkeyTexts

export const AddPasskeyDialog = ({ onClose }: { onClose: () => void }) => (
  <NameDialog
    title={words.add}
    lead={words.addLead}
    first={browserName(window.navigator.userAgent)}
    verb={words.addNow}
    busy={words.busy}
    run={addPasskey}
    done={words.isAdded}
    onClose={onClose}
  />
)

type OfPasskey = { passkey: Passkey; onClose: () => void }

export const RenamePasskeyDialog = ({ passkey, onClose }: OfPasskey) => (
  <NameDialog
    title={words.renameTitle}
    first={passkey.name}
    verb={words.save}
    busy={texts.common.loading}
    run={(name) => hub.account.renamePasskey({ passkey: passkey.id, name })}
    done={words.renamed}
    onClose={onClose}
  />
)

type NameDialogProps = {
  title: string
  lead?: string
  first: string
  verb: string
  busy: string
  run: (name: string) => Promise<unknown>
  done: string
  onClose: () => void
}

function NameDialog({ title, lead, first, verb, busy, run, done, onClose }: NameDialogProps) {
  const [name, setName] = useState(first)
  const attempt = useAttempt(async () => {
    await run(name.trim())
    toast('good', done)
    onClose()
  })
  return (
    <Dialog isOpen onClose={onClose} title={title} {...(lead !== undefined && { lead })}>
      <form
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (!attempt.isBusy && name.trim() !== '') void attempt.go()
        }}
      >
        <Field label={words.nameLabel} hint={words.nameHint}>
          {(control) => (
            <input
              {...control}
              className={INPUT}
              maxLength={63}
              autoComplete="off"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Ending attempt={attempt} onClose={onClose}>
          <SubmitButton attempt={attempt} verb={verb} busy={busy} />
        </Ending>
      </form>
    </Dialog>
  )
}

export function RemovePasskeyDialog({ passkey, left, onClose }: OfPasskey & { left: number }) {
  const attempt = useAttempt(async () => {
    await hub.account.removePasskey({ passkey: passkey.id })
    toast('good', words.removed)
    onClose()
  })
  return (
    <Dialog isOpen onClose={onClose} title={words.removeTitle(passkey.name)} lead={words.removeLead(left)}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (!attempt.isBusy) void attempt.go()
        }}
      >
        <Ending attempt={attempt} onClose={onClose}>
          <SubmitButton attempt={attempt} verb={words.remove} busy={texts.common.loading} isDanger />
        </Ending>
      </form>
    </Dialog>
  )
}

type EndingProps = { attempt: ReturnType<typeof useAttempt>; onClose: () => void; children: ReactNode }

/** What went wrong, and the buttons. */
const Ending = ({ attempt, onClose, children }: EndingProps) => (
  <>
    <Refusal attempt={attempt} named={{ session_stale: words.stale }} />
    <div className="flex items-center justify-end gap-2">
      {attempt.problem?.code === 'session_stale' && <SignInAgain />}
      <Button onClick={onClose}>{texts.common.cancel}</Button>
      {children}
    </div>
  </>
)
