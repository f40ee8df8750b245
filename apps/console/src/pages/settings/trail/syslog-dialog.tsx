/** Syslog dialog: which receiver the trail is sent to. What was set is filled in, but for the key, which nobody is shown. */
import type { SyslogTarget } from '@skerry/contract/audit/audit-export'
import { useState } from 'react'
import { SaveDialog } from '../../../components/dialogs/save-dialog.tsx'
import { Field, INPUT } from '../../../components/fields.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { receiverTexts } from './english-receivers.ts'
import { DEFAULTS, type SyslogDraft, syslogWishOf, whyNot } from './syslog-draft.ts'

const words = receiverTexts.syslog

type SyslogDialogProps = { known: SyslogTarget | undefined; onSaved: () => Promise<void>; onClose: () => void }

/** Shown while it is in the page. */
export function SyslogDialog({ known, onSaved, onClose }: SyslogDialogProps) {
  const [draft, setDraft] = useState<SyslogDraft>({ ...DEFAULTS, ...known, from: undefined, key: undefined })
  const set = (change: Partial<SyslogDraft>) => setDraft((before) => ({ ...before, ...change }))
  const run = async () => {
    const { target } = await hub.audit.setSyslog(syslogWishOf(draft, await draft.key?.text()))
    await onSaved()
    return words.saved(target.host)
  }
  return (
    <SaveDialog
      isWide
      title={words.setTitle}
      lead={words.setLead}
      verb={receiverTexts.save}
      blocked={whyNot(draft)}
      run={run}
      onClose={onClose}
    >
      <PlaceFields draft={draft} onChange={set} />
      <PemFields draft={draft} onChange={set} />
    </SaveDialog>
  )
}

type FieldsProps = { draft: SyslogDraft; onChange: (change: Partial<SyslogDraft>) => void }

function PlaceFields({ draft, onChange }: FieldsProps) {
  const { host, port, serverName = '', facility, from } = draft
  return (
    <div className="grid gap-4 sm:grid-cols-3">
      <div className="sm:col-span-2">
        <TextField label={words.host} value={host} onChange={(next) => onChange({ host: next })} />
      </div>
      <NumberField label={words.port} max={65_535} value={port} onChange={(next) => onChange({ port: next })} />
      <TextField
        label={words.serverName}
        hint={words.serverNameHint}
        value={serverName}
        onChange={(next) => onChange({ serverName: next })}
      />
      <NumberField
        label={words.facility}
        hint={words.facilityHint}
        min={0}
        max={23}
        value={facility}
        onChange={(next) => onChange({ facility: next })}
      />
      <NumberField
        label={words.from}
        hint={words.fromHint}
        max={Number.MAX_SAFE_INTEGER}
        value={from}
        onChange={(next) => onChange({ from: next })}
      />
    </div>
  )
}

function PemFields({ draft, onChange }: FieldsProps) {
  const { authorityPem = '', certificatePem = '' } = draft
  return (
    <>
      <PemField
        label={words.authorityPem}
        hint={words.authorityHint}
        value={authorityPem}
        onChange={(next) => onChange({ authorityPem: next })}
      />
      <PemField
        label={words.certificatePem}
        hint={words.certificateHint}
        value={certificatePem}
        onChange={(next) => onChange({ certificatePem: next })}
      />
      {certificatePem !== '' && (
        <Field label={words.key} hint={words.keyHint}>
          {(control) => (
            <input
              {...control}
              type="file"
              className="text-sm"
              onChange={({ target }) => onChange({ key: target.files?.[0] })}
            />
          )}
        </Field>
      )}
    </>
  )
}

type TextFieldProps = { label: string; hint?: string; value: string; onChange: (value: string) => void }

const TextField = ({ label, hint, value, onChange }: TextFieldProps) => (
  <Field label={label} hint={hint}>
    {(control) => (
      <input
        {...control}
        className={INPUT}
        maxLength={253}
        autoComplete="off"
        spellCheck={false}
        value={value}
        onChange={({ target }) => onChange(target.value.trim())}
      />
    )}
  </Field>
)

const PemField = ({ label, hint, value, onChange }: TextFieldProps) => (
  <Field label={label} hint={hint}>
    {(control) => (
      <textarea
        {...control}
        rows={2}
        maxLength={65_536}
        autoComplete="off"
        spellCheck={false}
        className="w-full min-w-0 rounded-md border border-line-strong bg-surface px-2.5 py-2 font-mono text-xs text-text"
        value={value}
        onChange={({ target }) => onChange(target.value)}
      />
    )}
  </Field>
)

type NumberFieldProps = {
  label: string
  hint?: string
  min?: number
  max: number
  value: number | undefined
  onChange: (value: number | undefined) => void
}

const NumberField = ({ label, hint, min = 1, max, value, onChange }: NumberFieldProps) => (
  <Field label={label} hint={hint}>
    {(control) => (
      <input
        {...control}
        type="number"
        min={min}
        max={max}
        className={INPUT}
        value={value ?? ''}
        onChange={({ target }) => onChange(Number.isNaN(target.valueAsNumber) ? undefined : target.valueAsNumber)}
      />
    )}
  </Field>
)
