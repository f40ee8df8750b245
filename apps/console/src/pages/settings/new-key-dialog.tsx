/** New key: asks for name, role and life. */
import type { RoleName } from '@skerry/contract/people/role'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialogs/dialog.tsx'
import { Field, INPUT, Select } from '../../components/fields.tsx'
import { hub } from '../../hub/hub-client.ts'
import { texts } from '../../texts/english.ts'
import { settingsTexts } from './english-settings.ts'
import { RoleSelect } from './people/role-select.tsx'
import { NewSecretDialog } from './secrets/new-secret-dialog.tsx'
import { ShownOnce } from './shown-once.tsx'

const words = settingsTexts.keys

/** Shown while it is in the page. */
export function NewKeyDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('')
  const [role, setRole] = useState<RoleName>('viewer')
  const [life, setLife] = useState('never')
  const make = async () => {
    const expiresInSeconds = life === 'never' ? undefined : Number(life)
    const made = await hub.key.create({ name, role, ...(expiresInSeconds !== undefined && { expiresInSeconds }) })
    return made.secret
  }
  const made = (secret: string) => (
    <Dialog
      isOpen
      onClose={onClose}
      title={words.made(name)}
      lead={words.shownOnce}
      footer={<Button onClick={onClose}>{texts.common.close}</Button>}
    >
      <ShownOnce value={secret} what={words.made(name)} />
    </Dialog>
  )
  return (
    <NewSecretDialog words={words} make={make} made={made} onClose={onClose}>
      {(error) => (
        <div className="grid gap-4 sm:grid-cols-2">
          <div className="sm:col-span-2">
            <Field label={words.name} error={error}>
              {(control) => (
                <input
                  {...control}
                  className={INPUT}
                  autoComplete="off"
                  value={name}
                  onChange={(event) => setName(event.target.value)}
                />
              )}
            </Field>
          </div>
          <Field label={words.role}>
            {(control) => <RoleSelect control={control} value={role} onChange={setRole} />}
          </Field>
          <Field label={words.expires}>
            {(control) => (
              <Select {...control} value={life} onChange={(event) => setLife(event.target.value)}>
                {Object.entries(words.lives).map(([seconds, text]) => (
                  <option key={seconds} value={seconds}>
                    {text}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
      )}
    </NewSecretDialog>
  )
}
