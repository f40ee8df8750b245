/** Learn dialog: from a machine, each of a fleet or a fleet together, over a source and its tags to a learning, in one form. */
import { rowsWantedOf } from '@skerry/contract/learning/learning'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { SaveDialog } from '../../components/dialogs/save-dialog.tsx'
import { hub } from '../../hub/hub-client.ts'
import { learningTexts } from './english-learning.ts'
import { FleetField, OfField } from './fleet/fleet-field.tsx'
import { DeviceField, SourceField, TextField, UnitField } from './learn-fields.tsx'
import { FIRST_LEARNING, type LearnForm, readLearnForm, type Wished } from './learn-form.ts'
import { learningQueries } from './learning-queries.ts'
import { LeaveOutFields } from './leave-out-fields.tsx'
import { TagChoice } from './tag-choice.tsx'

const words = learningTexts.wizard

const NAME_HINTS: Readonly<Record<LearnForm['of'], string>> = {
  machine: words.nameHint,
  fleet: words.fleetNameHint,
  together: words.togetherNameHint,
}

/** Shown while it is in the page. */
export function LearnDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const [form, setForm] = useState(FIRST_LEARNING)
  const change = (part: Partial<LearnForm>) => setForm((before) => ({ ...before, ...part }))
  const read = readLearnForm(form)
  const start = async () => {
    if (!read.ok) throw new Error(words.numberError)
    const text = await startWish(read.wish)
    await client.invalidateQueries({ queryKey: learningQueries.list().queryKey })
    return text
  }
  return (
    <SaveDialog
      title={words.title}
      lead={words.lead}
      verb={words.verb}
      blocked={read.ok ? undefined : blockedBy(form, read.field)}
      run={start}
      isWide
      onClose={onClose}
    >
      <OfField value={form.of} onChange={(of) => change({ of })} />
      {form.of !== 'machine' && (
        <FleetField of={form.of} value={form.selector} onChange={(selector) => change({ selector })} />
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <DeviceField of={form.of} value={form.device} onChange={(device) => change({ device, source: '', tags: [] })} />
        <SourceField {...form} onChange={(source) => change({ source, tags: [] })} />
      </div>
      <TagChoice {...form} onChange={(tags) => change({ tags })} />
      <TextField name="name" hint={NAME_HINTS[form.of]} form={form} change={change} />
      <PaceFields form={form} change={change} />
      <TextField name="recording" hint={words.recordingHint} form={form} change={change} />
      <LeaveOutFields times={form.leaveOut} onChange={(leaveOut) => change({ leaveOut })} />
      {read.ok && form.recording === '' && (
        <p className="text-sm text-soft">{words.rowsOf(rowsWantedOf(read.wish.spec))}</p>
      )}
      <label className="flex items-start gap-2 text-sm">
        <input
          type="checkbox"
          className="mt-0.5 size-4 shrink-0 accent-(--accent)"
          checked={form.isDeployed}
          onChange={({ target }) => change({ isDeployed: target.checked })}
        />
        {words.deploy}
      </label>
    </SaveDialog>
  )
}

/** Returns the message that reports success. */
async function startWish({ of, spec, leaveOut }: Wished): Promise<string> {
  if (of === 'machine') {
    await hub.learning.start({ spec, leaveOut })
    return words.started(spec.name)
  }
  const { members = [], leftOut } = await hub.learning.startFleet({ spec, leaveOut })
  return words.fleetStarted(spec.name, members.length, leftOut.length)
}

type FormProps = { form: LearnForm; change: (part: Partial<LearnForm>) => void }

const PaceFields = ({ form, change }: FormProps) => (
  <>
    <div className="grid grid-cols-2 items-end gap-4 sm:grid-cols-3">
      <TextField name="amount" form={form} change={change} />
      <UnitField value={form.unit} onChange={(unit) => change({ unit })} />
      <TextField name="everyMs" form={form} change={change} />
      <TextField name="samples" form={form} change={change} />
      <TextField name="falseAlarmDays" form={form} change={change} />
      <TextField name="shadow" form={form} change={change} />
    </div>
    <p className="text-xs text-soft">{words.shadowHint}</p>
  </>
)

function blockedBy({ of, device, source, tags, selector }: LearnForm, field: PropertyKey | undefined): string {
  if (of !== 'machine' && selector.trim() === '') return words.selectorError
  if (device === '' || source === '' || tags.length === 0) return words.tagsHint
  if (field === 'leaveOut') return words.leaveOut.error
  return field === 'name' ? words.nameError : words.numberError
}
