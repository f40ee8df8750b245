/** Quota dialog: how much an organisation may use; what is left empty has no bound. */
import type { Quota, Tenant } from '@skerry/contract/people/organisation'
import { useState } from 'react'
import { SaveDialog } from '../../../components/dialogs/save-dialog.tsx'
import { Field, INPUT } from '../../../components/fields.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { organisationsTexts as words } from './english-organisations.ts'

const GIB = 1024 ** 3

/** What one of the field's unit is. */
const UNITS: Readonly<Record<keyof Quota, number>> = { devices: 1, storageBytes: GIB, requestsPerMinute: 1 }
const LEAST: Readonly<Record<keyof Quota, number>> = { devices: 0, storageBytes: 0, requestsPerMinute: 60 }
const FIELDS = ['devices', 'storageBytes', 'requestsPerMinute'] as const

/** Shown while it is in the page. */
export function QuotaDialog({ tenant: { name, quota }, onClose }: { tenant: Tenant; onClose: () => void }) {
  const [draft, setDraft] = useState(() => FIELDS.map((field) => textOf(field, quota[field])))
  const run = async () => {
    const [devices, storageBytes, requestsPerMinute] = FIELDS.map((field, index) => boundOf(field, draft[index] ?? ''))
    await hub.organisation.setQuota({ organisation: name, devices, storageBytes, requestsPerMinute })
    return words.saved(name)
  }
  return (
    <SaveDialog title={words.quotaTitle(name)} lead={words.quotaLead} verb={words.save} run={run} onClose={onClose}>
      {FIELDS.map((field, index) => (
        <Field key={field} label={words.quotaFields[field]} hint={words.quotaHint}>
          {(control) => (
            <input
              {...control}
              type="number"
              min={LEAST[field]}
              step={field === 'storageBytes' ? 'any' : 1}
              className={INPUT}
              value={draft[index]}
              onChange={(event) => setDraft(draft.with(index, event.target.value))}
            />
          )}
        </Field>
      ))}
    </SaveDialog>
  )
}

const textOf = (field: keyof Quota, bound: number | undefined) =>
  bound === undefined ? '' : String(bound / UNITS[field])

const boundOf = (field: keyof Quota, text: string): number | null =>
  text.trim() === '' ? null : Math.round(Number(text) * UNITS[field])
