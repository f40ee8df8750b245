/** Owner dialog: makes an organisation, or asks again for its first owner; the invitation's link is shown this once, where no e-mail took it. */
import { type OwnerInvitation, type Tenant, TenantName } from '@skerry/contract/people/organisation'
import { Email } from '@skerry/contract/people/user'
import { useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Dialog } from '../../../components/dialogs/dialog.tsx'
import { Field, INPUT } from '../../../components/fields.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { texts } from '../../../texts/english.ts'
import { NewSecretDialog } from '../secrets/new-secret-dialog.tsx'
import { ShownOnce } from '../shown-once.tsx'
import { organisationsTexts as words } from './english-organisations.ts'

/** Shown while it is in the page. */
export function OwnerDialog({ tenant, onClose }: { tenant?: Tenant; onClose: () => void }) {
  const [name, setName] = useState(tenant?.name ?? '')
  const [address, setAddress] = useState('')
  const ownerEmail = address.trim()
  const make = async () => {
    if (ownerEmail !== '' && !Email.safeParse(ownerEmail).success) throw new Error(words.notAnAddress)
    const named = TenantName.safeParse(name.trim())
    if (!tenant && !named.success) throw new Error(words.notAName(named.error.issues[0]?.message ?? ''))
    const { link } = await invite(tenant, name.trim(), ownerEmail)
    return link ?? ''
  }
  const heads = tenant
    ? { createTitle: words.inviteTitle(tenant.name), createLead: words.inviteLead, create: words.invite }
    : words
  return (
    <NewSecretDialog
      words={heads}
      make={make}
      made={(link) => <Made {...{ link, ownerEmail, onClose }} />}
      onClose={onClose}
    >
      {(error) => (
        <div className="flex flex-col gap-4">
          {!tenant && <TextField label={words.name} value={name} onChange={setName} error={error} />}
          <TextField
            label={words.ownerEmail}
            hint={words.ownerEmailHint}
            value={address}
            onChange={setAddress}
            error={tenant && error}
          />
        </div>
      )}
    </NewSecretDialog>
  )
}

async function invite(tenant: Tenant | undefined, name: string, email: string): Promise<OwnerInvitation> {
  const wish = email === '' ? {} : { ownerEmail: email }
  if (tenant) return hub.organisation.invite({ organisation: name, ...wish })
  return (await hub.organisation.create({ name, ...wish })).invitation
}

/** Without a link it went by e-mail. */
const Made = ({ link, ownerEmail, onClose }: { link: string; ownerEmail: string; onClose: () => void }) => (
  <Dialog
    isOpen
    onClose={onClose}
    title={words.made}
    lead={link === '' ? words.madeSent(ownerEmail) : words.madeLead}
    footer={<Button onClick={onClose}>{texts.common.close}</Button>}
  >
    {link !== '' && <ShownOnce value={link} what={words.made} />}
  </Dialog>
)

type TextFieldProps = {
  label: string
  hint?: string
  value: string
  error: string | undefined
  onChange: (value: string) => void
}

const TextField = ({ label, hint, value, error, onChange }: TextFieldProps) => (
  <Field label={label} error={error} {...(hint !== undefined && { hint })}>
    {(control) => (
      <input
        {...control}
        type="text"
        autoComplete="off"
        spellCheck={false}
        maxLength={254}
        className={INPUT}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    )}
  </Field>
)
