/** Webhook dialog: where the program listens that is told of findings; then the secret that signs what it is told, this once. */
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialogs/dialog.tsx'
import { Field, INPUT } from '../../components/fields.tsx'
import { hub } from '../../hub/hub-client.ts'
import { texts } from '../../texts/english.ts'
import { NewSecretDialog } from '../settings/secrets/new-secret-dialog.tsx'
import { ShownOnce } from '../settings/shown-once.tsx'
import { receiverTexts } from '../settings/trail/english-receivers.ts'

const words = receiverTexts.webhook

type WebhookDialogProps = { url: string; onSaved: () => Promise<void>; onClose: () => void }

/** Shown while it is in the page. */
export function WebhookDialog({ url: known, onSaved, onClose }: WebhookDialogProps) {
  const [url, setUrl] = useState(known)
  const make = async () => {
    const { secret } = await hub.intrusion.setWebhook({ url: url.trim() })
    await onSaved()
    return secret
  }
  const made = (secret: string) => (
    <Dialog
      isOpen
      onClose={onClose}
      title={words.made}
      lead={words.shownOnce}
      footer={<Button onClick={onClose}>{texts.common.close}</Button>}
    >
      <ShownOnce value={secret} what={words.secret} />
    </Dialog>
  )
  const said = { createTitle: words.setTitle, createLead: words.setLead, create: receiverTexts.save }
  return (
    <NewSecretDialog words={said} make={make} made={made} onClose={onClose}>
      {(error) => (
        <Field label={words.url} error={error}>
          {(control) => (
            <input
              {...control}
              type="url"
              className={INPUT}
              maxLength={500}
              autoComplete="off"
              spellCheck={false}
              placeholder="https://soc.plant.example/skerry"
              value={url}
              onChange={({ target }) => setUrl(target.value)}
            />
          )}
        </Field>
      )}
    </NewSecretDialog>
  )
}
