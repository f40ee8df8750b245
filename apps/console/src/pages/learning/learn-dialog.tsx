/** Learn dialog: from a device over its source and tags to a learning, in one form. */
import { LearningSpec, rowsWantedOf } from '@skerry/contract/learning/learning'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { SaveDialog } from '../../components/dialogs/save-dialog.tsx'
import { Field, INPUT, Select } from '../../components/fields.tsx'
import { hub } from '../../hub/hub-client.ts'
import { queries } from '../../hub/queries.ts'
import { learningTexts } from './english-learning.ts'
import { learningQueries } from './learning-queries.ts'
import { TagChoice } from './tag-choice.tsx'

const words = learningTexts.wizard

const UNITS = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 } as const
type Unit = keyof typeof UNITS

type Form = {
  device: string
  source: string
  tags: readonly string[]
  name: string
  amount: string
  unit: Unit
  everyMs: string
  samples: string
  falseAlarmDays: string
  shadow: string
  recording: string
  isDeployed: boolean
}

const FIRST: Form = {
  device: '',
  source: '',
  tags: [],
  name: '',
  amount: '7',
  unit: 'days',
  everyMs: '10000',
  samples: '16',
  falseAlarmDays: '7',
  shadow: '',
  recording: '',
  isDeployed: false,
}

const specOf = ({ amount, unit, everyMs, samples, falseAlarmDays, shadow, recording, isDeployed, ...form }: Form) =>
  LearningSpec.safeParse({
    ...form,
    seconds: Math.round(Number(amount) * UNITS[unit]),
    everyMs: Number(everyMs),
    samples: Number(samples),
    falseAlarmDays: Number(falseAlarmDays),
    ...(recording !== '' && { recording }),
    ...(shadow !== '' && { shadowSeconds: Math.round(Number(shadow) * UNITS.hours) }),
    result: isDeployed ? 'deploy' : 'version',
  })

/** Shown while it is in the page. */
export function LearnDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const [form, setForm] = useState(FIRST)
  const change = (part: Partial<Form>) => setForm((before) => ({ ...before, ...part }))
  const spec = specOf(form)
  const start = async () => {
    if (!spec.success) throw new Error(words.numberError)
    await hub.learning.start({ spec: spec.data })
    await client.invalidateQueries({ queryKey: learningQueries.list().queryKey })
    return words.started(form.name)
  }
  return (
    <SaveDialog
      title={words.title}
      lead={words.lead}
      verb={words.verb}
      blocked={spec.success ? undefined : blockedBy(form, spec.error.issues[0]?.path[0])}
      run={start}
      isWide
      onClose={onClose}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <DeviceField value={form.device} onChange={(device) => change({ device, source: '', tags: [] })} />
        <SourceField {...form} onChange={(source) => change({ source, tags: [] })} />
      </div>
      <TagChoice {...form} onChange={(tags) => change({ tags })} />
      <TextField name="name" hint={words.nameHint} {...{ form, change }} />
      <div className="grid grid-cols-2 items-end gap-4 sm:grid-cols-3">
        <TextField name="amount" {...{ form, change }} />
        <UnitField value={form.unit} onChange={(unit) => change({ unit })} />
        <TextField name="everyMs" {...{ form, change }} />
        <TextField name="samples" {...{ form, change }} />
        <TextField name="falseAlarmDays" {...{ form, change }} />
        <TextField name="shadow" {...{ form, change }} />
      </div>
      <p className="text-xs text-soft">{words.shadowHint}</p>
      <TextField name="recording" hint={words.recordingHint} {...{ form, change }} />
      {spec.success && form.recording === '' && (
        <p className="text-sm text-soft">{words.rowsOf(rowsWantedOf(spec.data))}</p>
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

function blockedBy({ device, source, tags }: Form, field: PropertyKey | undefined): string {
  if (device === '' || source === '' || tags.length === 0) return words.tagsHint
  return field === 'name' ? words.nameError : words.numberError
}

type ChoiceProps = { value: string; onChange: (value: string) => void }

function DeviceField({ value, onChange }: ChoiceProps) {
  const { data: devices = [] } = useQuery(queries.devices(undefined))
  return <ChoiceField label={words.device} options={devices.map(({ name }) => name)} {...{ value, onChange }} />
}

type SourceFieldProps = { device: string; source: string; onChange: (source: string) => void }

function SourceField({ device, source, onChange }: SourceFieldProps) {
  const { data } = useQuery(learningQueries.sources(device))
  const names = data?.running.filter(({ kind }) => kind === 'source').map(({ name }) => name) ?? []
  const hint = data && names.length === 0 ? words.noSource : undefined
  return <ChoiceField label={words.source} options={names} value={source} {...{ hint, onChange }} />
}

type ChoiceFieldProps = ChoiceProps & { label: string; options: readonly string[]; hint?: string | undefined }

const ChoiceField = ({ label, options, value, hint, onChange }: ChoiceFieldProps) => (
  <Field label={label} hint={hint}>
    {(control) => (
      <Select {...control} value={value} onChange={({ target }) => onChange(target.value)}>
        <option value="">{words.choose}</option>
        {options.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </Select>
    )}
  </Field>
)

const UnitField = ({ value, onChange }: { value: Unit; onChange: (unit: Unit) => void }) => (
  <Field label={words.unit}>
    {(control) => (
      <Select {...control} value={value} onChange={({ target }) => onChange(target.value as Unit)}>
        {Object.entries(words.units).map(([unit, text]) => (
          <option key={unit} value={unit}>
            {text}
          </option>
        ))}
      </Select>
    )}
  </Field>
)

type TextFieldProps = {
  name: 'name' | 'amount' | 'everyMs' | 'samples' | 'falseAlarmDays' | 'shadow' | 'recording'
  form: Form
  change: (part: Partial<Form>) => void
  hint?: string
}

const TextField = ({ name, form, change, hint }: TextFieldProps) => (
  <Field label={words[name]} hint={hint}>
    {(control) => (
      <input
        {...control}
        className={INPUT}
        autoComplete="off"
        value={form[name]}
        onChange={({ target }) => change({ [name]: target.value })}
      />
    )}
  </Field>
)
