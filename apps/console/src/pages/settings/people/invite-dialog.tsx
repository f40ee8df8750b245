/** Invite dialog: for whom, as what and for how long; gives the link this once. */
import type { RoleName } from '@skerry/contract/people/role'
import { Email } from '@skerry/contract/people/user'
import { useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Dialog } from '../../../components/dialogs/dialog.tsx'
import { Field, INPUT } from '../../../components/fields.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { texts } from '../../../texts/english.ts'
import { LifeField } from '../joining/life-field.tsx'
import { NewSecretDialog } from '../secrets/new-secret-dialog.tsx'
import { ShownOnce } from '../shown-once.tsx'
import { peopleTexts } from './english-people.ts'
import { RoleSelect } from './role-select.tsx'

const words = peopleTexts.invitations

type Wish = { email: string; role: RoleName; usesMax: number; expiresInSeconds: number }

/** Shown while it is in the page. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const [wish, setWish] = useState<Wish>({ email: '', role: 'viewer', usesMax: 1, expiresInSeconds: 604_800 })
  const [isSent, setSent] = useState(false)
  const make = async () => {
    const { role, usesMax, expiresInSeconds } = wish
    const email = wish.email.trim()
    if (email !== '' && !Email.safeParse(email).success) throw new Error(words.notAnAddress)
    const made = await hub.invitation.create({ role, usesMax, expiresInSeconds, ...(email !== '' && { email }) })
    setSent(made.isSent)
    return made.link
  }
  const made = (link: string) => (
    <Dialog
      isOpen
      onClose={onClose}
      title={words.made}
      lead={isSent ? words.sent(wish.email.trim()) : words.notSent}
      footer={<Button onClick={onClose}>{texts.common.close}</Button>}
    >
      <ShownOnce value={link} what={words.made} />
    </Dialog>
  )
  return (
    <NewSecretDialog words={words} make={make} made={made} onClose={onClose}>
      {(error) => <InviteFields wish={wish} onChange={setWish} error={error} />}
    </NewSecretDialog>
  )
}

type FieldsProps = { wish: Wish; onChange: (wish: Wish) => void; error: string | undefined }

function InviteFields({ wish, onChange, error }: FieldsProps) {
  const set = (change: Partial<Wish>) => onChange({ ...wish, ...change })
  const isForOne = wish.email.trim() !== ''
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <div className="sm:col-span-2">
        <Field label={words.email} hint={words.emailHint} error={error}>
          {(control) => (
            <input
              {...control}
              type="email"
              autoComplete="off"
              maxLength={254}
              className={INPUT}
              value={wish.email}
              onChange={(event) => set({ email: event.target.value })}
            />
          )}
        </Field>
      </div>
      <Field label={words.role}>
        {(control) => <RoleSelect control={control} value={wish.role} onChange={(role) => set({ role })} />}
      </Field>
      <LifeField
        label={words.expires}
        lives={words.lives}
        seconds={wish.expiresInSeconds}
        onChange={(expiresInSeconds) => set({ expiresInSeconds })}
      />
      {!isForOne && (
        <Field label={words.uses}>
          {(control) => (
            <input
              {...control}
              type="number"
              min={1}
              max={100}
              className={INPUT}
              value={wish.usesMax}
              onChange={(event) => set({ usesMax: Math.min(100, Math.max(1, event.target.valueAsNumber || 1)) })}
            />
          )}
        </Field>
      )}
    </div>
  )
}
