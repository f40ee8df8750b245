/** Expect dialog: announces one machine by serial number, key, or both. */
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { SaveDialog } from '../../../components/dialogs/save-dialog.tsx'
import { Field, INPUT } from '../../../components/fields.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { parseLabels } from '../../device/label-lines.ts'
import { SiteSelect } from '../site-select.tsx'
import { joiningTexts } from './english-joining.ts'

const words = joiningTexts.expected

const EMPTY = { serial: '', key: '', name: '', labels: '' }

/** Shown while it is in the page. */
export function ExpectDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const [site, setSite] = useState('')
  const [draft, setDraft] = useState(EMPTY)
  const run = async () => {
    const labels = parseLabels(draft.labels)
    if (!labels.ok) throw new Error(words.noLabel(labels.line))
    const serial = draft.serial.trim()
    const key = draft.key.trim().toLowerCase()
    const name = draft.name.trim()
    const device = {
      site,
      labels: labels.labels,
      ...(serial !== '' && { serial }),
      ...(key !== '' && { keyFingerprint: key }),
      ...(name !== '' && { name }),
    }
    await hub.expected.add({ devices: [device] })
    await client.invalidateQueries({ queryKey: ['expected'] })
    return words.announced(1)
  }
  const text = (key: keyof typeof EMPTY, label: string, hint?: string) => (
    <Field label={label} {...(hint !== undefined && { hint })}>
      {(control) => (
        <input
          {...control}
          className={INPUT}
          autoComplete="off"
          spellCheck={false}
          value={draft[key]}
          onChange={(event) => setDraft({ ...draft, [key]: event.target.value })}
        />
      )}
    </Field>
  )
  return (
    <SaveDialog title={words.addTitle} lead={words.addLead} verb={words.add} run={run} onClose={onClose}>
      {text('serial', words.serial)}
      {text('key', words.key, words.keyHint)}
      <SiteSelect label={words.site} value={site} onChange={setSite} />
      {text('name', words.name, words.nameHint)}
      <Field label={words.labels} hint={words.labelsHint}>
        {(control) => (
          <textarea
            {...control}
            rows={2}
            className={`${INPUT} h-auto py-1.5 font-mono text-xs`}
            value={draft.labels}
            onChange={(event) => setDraft({ ...draft, labels: event.target.value })}
          />
        )}
      </Field>
    </SaveDialog>
  )
}
