/** Label dialogs: sets one label on many devices, or takes one away; the other labels stay. */
import type { Device } from '@skerry/contract/devices/device'
import { Labels } from '@skerry/contract/values/names'
import { type ReactNode, useState } from 'react'
import { Field, INPUT, Select } from '../../components/fields.tsx'
import { parseLabels } from '../device/label-lines.ts'
import { BulkDialog } from './bulk-dialog.tsx'
import { devicesWords as words } from './english-devices.ts'
import { isEdit, type LabelEdit, relabelOne } from './relabel-one.ts'

type LabelDialogProps = { rows: readonly Device[]; onClose: () => void }

/** Sets `key=value`. */
export function SetLabelDialog({ rows, onClose }: LabelDialogProps) {
  const [text, setText] = useState('')
  const edit = editOf(text)
  return (
    <EditDialog rows={rows} edit={edit} title={words.addTitle} verb={words.addVerb} onClose={onClose}>
      <Field label={words.label} hint={words.labelHint} error={text !== '' && !edit ? words.labelInvalid : undefined}>
        {(control) => (
          <input
            {...control}
            className={`${INPUT} font-mono text-xs`}
            spellCheck={false}
            autoComplete="off"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
    </EditDialog>
  )
}

/** Takes a label away that some of them have. */
export function RemoveLabelDialog({ rows, onClose }: LabelDialogProps) {
  const [key, setKey] = useState('')
  const keys = [...new Set(rows.flatMap(({ labels }) => Object.keys(labels)))].sort()
  const edit = key === '' ? undefined : { key, value: undefined }
  return (
    <EditDialog rows={rows} edit={edit} title={words.removeTitle} verb={words.removeVerb} onClose={onClose}>
      <Field label={words.labelKey}>
        {(control) => (
          <Select {...control} value={key} onChange={(event) => setKey(event.target.value)}>
            <option value="">{words.labelKeyNone}</option>
            {keys.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </Select>
        )}
      </Field>
    </EditDialog>
  )
}

type EditProps = LabelDialogProps & {
  edit: LabelEdit | undefined
  title: (count: number) => string
  verb: (count: number) => string
  children: ReactNode
}

function EditDialog({ rows, edit, title, verb, onClose, children }: EditProps) {
  const changed = edit === undefined ? rows : rows.filter(({ labels }) => isEdit(labels, edit))
  const same = rows.length - changed.length
  return (
    <BulkDialog
      title={title(rows.length)}
      lead={words.labelLead}
      verb={verb(changed.length)}
      rows={changed}
      work={edit && ((device, signal) => relabelOne(device, edit, signal))}
      done={words.relabelled}
      onClose={onClose}
    >
      {children}
      {same > 0 && <p className="mt-2 text-xs text-soft">{words.unchanged(same)}</p>}
    </BulkDialog>
  )
}

/** The one label of the text; undefined where it is none. */
function editOf(text: string): LabelEdit | undefined {
  const parsed = parseLabels(text)
  const [entry, ...more] = parsed.ok ? Object.entries(parsed.labels) : []
  if (!entry || more.length > 0 || !Labels.safeParse({ [entry[0]]: entry[1] }).success) return undefined
  return { key: entry[0], value: entry[1] }
}
