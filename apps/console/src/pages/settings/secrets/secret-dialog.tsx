/**
 * Secret dialog: creates a secret, or replaces its value. Only this field holds the value, and it is gone when the
 * dialog closes.
 */
import { type Secret, SecretScope } from '@skerry/contract/secrets/secret'
import { useState } from 'react'
import { SaveDialog } from '../../../components/dialogs/save-dialog.tsx'
import { Field, INPUT, Select } from '../../../components/fields.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { secretsTexts } from './english-secrets.ts'

const words = secretsTexts.form

type Kind = keyof typeof words.kinds
type Draft = { name: string; kind: Kind; where: string; value: string; file: File | undefined }

/** Shown while it is in the page. */
export function SecretDialog({ secret, onClose }: { secret?: Secret; onClose: () => void }) {
  const [draft, setDraft] = useState<Draft>({
    name: secret?.name ?? '',
    kind: 'organisation',
    where: '',
    value: '',
    file: undefined,
  })
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }))
  const run = async () => {
    const { name, kind, where, value, file } = draft
    const bytes = file ? new Uint8Array(await file.arrayBuffer()) : new TextEncoder().encode(value)
    const scope = secret?.scope ?? SecretScope.parse(hasPlace(kind) ? `${kind}:${where.trim()}` : kind)
    const done = await hub.secret.set({ name, scope, value: base64Of(bytes) })
    return words.saved(done.name, done.version)
  }
  const isEmpty = draft.value === '' && draft.file === undefined
  return (
    <SaveDialog
      title={secret ? words.rotateTitle(secret.name) : words.createTitle}
      lead={words.lead}
      verb={words.save}
      blocked={isEmpty ? words.empty : undefined}
      run={run}
      onClose={onClose}
    >
      {!secret && <PlaceFields draft={draft} onChange={set} />}
      <TextField label={words.value} type="password" value={draft.value} onChange={(value) => set({ value })} />
      <Field label={words.file}>
        {(control) => (
          <input
            {...control}
            type="file"
            className="text-sm"
            onChange={(event) => set({ file: event.target.files?.[0] })}
          />
        )}
      </Field>
    </SaveDialog>
  )
}

const hasPlace = (kind: Kind) => kind === 'site' || kind === 'device'

/** 64 KiB at most. The hub reports a larger one. */
const base64Of = (bytes: Uint8Array) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))

function PlaceFields({ draft, onChange }: { draft: Draft; onChange: (change: Partial<Draft>) => void }) {
  const { name, kind, where } = draft
  const kinds = Object.entries(words.kinds) as [Kind, string][]
  return (
    <>
      <TextField
        label={words.name}
        hint={words.nameHint}
        type="text"
        value={name}
        onChange={(next) => onChange({ name: next })}
      />
      <Field label={words.for}>
        {(control) => (
          <Select
            {...control}
            value={kind}
            onChange={(event) => onChange({ kind: kinds.find(([each]) => each === event.target.value)?.[0] ?? kind })}
          >
            {kinds.map(([each, text]) => (
              <option key={each} value={each}>
                {text}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {hasPlace(kind) && (
        <TextField label={words.where} type="text" value={where} onChange={(next) => onChange({ where: next })} />
      )}
    </>
  )
}

type TextFieldProps = {
  label: string
  hint?: string
  type: 'text' | 'password'
  value: string
  onChange: (value: string) => void
}

const TextField = ({ label, hint, type, value, onChange }: TextFieldProps) => (
  <Field label={label} {...(hint !== undefined && { hint })}>
    {(control) => (
      <input
        {...control}
        type={type}
        className={INPUT}
        autoComplete={type === 'password' ? 'new-password' : 'off'}
        spellCheck={false}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    )}
  </Field>
)
