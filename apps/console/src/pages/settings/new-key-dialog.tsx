/** New key: asks for name, role and life, and shows the secret this once. */
import { problemOf } from '@skerry/client/problem'
import { Role } from '@skerry/contract/permissions'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { Field, INPUT, Select } from '../../components/fields.tsx'
import { hub } from '../../hub/hub-client.ts'
import { texts } from '../../texts/english.ts'
import { ShownOnce } from './shown-once.tsx'

const words = texts.settings.keys

/** Shown while it is in the page. */
export function NewKeyDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const [life, setLife] = useState('never')
  const [error, setError] = useState<string>()
  const [secret, setSecret] = useState<string>()
  const make = async () => {
    try {
      const expiresInSeconds = life === 'never' ? undefined : Number(life)
      const made = await hub.key.create({ name, role, ...(expiresInSeconds !== undefined && { expiresInSeconds }) })
      setSecret(made.secret)
    } catch (thrown) {
      setError(problemOf(thrown).message)
    }
  }
  if (secret !== undefined)
    return (
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
    <Dialog
      isOpen
      onClose={onClose}
      title={words.createTitle}
      lead={words.createLead}
      footer={
        <>
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button look="primary" onClick={() => void make()}>
            {words.create}
          </Button>
        </>
      }
    >
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
          {(control) => (
            <Select {...control} value={role} onChange={(event) => setRole(Role.parse(event.target.value))}>
              {Role.options.map((each) => (
                <option key={each} value={each}>
                  {words.roles[each]}
                </option>
              ))}
            </Select>
          )}
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
    </Dialog>
  )
}
