/** Capture dialog: declares the capture of a model. Rules that it does not show keep their values. */
import { AlarmSignal, type CaptureRules, type CaptureTask } from '@skerry/contract/captures/capture'
import { parseCondition } from '@skerry/core/captures/condition'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { SaveDialog } from '../../components/dialogs/save-dialog.tsx'
import { Field, INPUT, Select } from '../../components/fields.tsx'
import { hub } from '../../hub/hub-client.ts'
import { queries } from '../../hub/queries.ts'
import { captureQueries } from './capture-queries.ts'
import { capturesTexts } from './english-captures.ts'

const words = capturesTexts.dialog

const TASKS: readonly CaptureTask[] = ['classification', 'regression']

const DAY_SECONDS = 86_400

type Form = {
  model: string
  purpose: string
  when: string
  sample: string
  alarms: string
  keep: string
  days: string
  redact: string
  task: CaptureTask
}

const formOf = (known: { model: string; rules: CaptureRules } | undefined): Form => ({
  model: known?.model ?? '',
  purpose: known?.rules.purpose ?? '',
  when: known ? (known.rules.when ?? '') : 'confidence < 0.6',
  sample: String((known?.rules.sample ?? 0) * 100),
  alarms: known?.rules.alarms?.join(', ') ?? '',
  keep: String(known?.rules.keep ?? 500),
  days: String((known?.rules.forSeconds ?? 30 * DAY_SECONDS) / DAY_SECONDS),
  redact: known?.rules.redact.join(', ') ?? '',
  task: known?.rules.task ?? 'classification',
})

/** Shown while it is in the page. */
export function CaptureDialog({
  known,
  onClose,
}: {
  known?: { model: string; rules: CaptureRules }
  onClose: () => void
}) {
  const client = useQueryClient()
  const [form, setForm] = useState(() => formOf(known))
  const change = (part: Partial<Form>) => setForm((before) => ({ ...before, ...part }))
  const errors = errorsOf(form)
  const save = async () => {
    await hub.capture.set({ name: form.model, rules: { ...known?.rules, ...rulesOf(form) } })
    await client.invalidateQueries({ queryKey: captureQueries.list().queryKey })
    return capturesTexts.saved(form.model)
  }
  return (
    <SaveDialog
      title={known ? words.changeTitle(known.model) : words.createTitle}
      lead={words.lead}
      verb={words.verb}
      blocked={Object.values(errors).find((error) => error !== undefined)}
      run={save}
      onClose={onClose}
    >
      {!known && <ModelField value={form.model} onChange={(model) => change({ model })} />}
      <TextField name="purpose" hint={words.purposeHint} {...{ form, change }} />
      <TextField name="when" hint={words.whenHint} error={errors.when} isCode {...{ form, change }} />
      <TextField name="sample" error={errors.sample} {...{ form, change }} />
      <TextField name="alarms" hint={words.alarmsHint} error={errors.alarms} isCode {...{ form, change }} />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField name="keep" error={errors.keep} {...{ form, change }} />
        <TextField name="days" error={errors.days} {...{ form, change }} />
      </div>
      <TextField name="redact" hint={words.redactHint} isCode {...{ form, change }} />
      <Field label={words.task}>
        {(control) => (
          <Select
            {...control}
            value={form.task}
            onChange={({ target }) => change({ task: target.value as CaptureTask })}
          >
            {TASKS.map((task) => (
              <option key={task} value={task}>
                {words.tasks[task]}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </SaveDialog>
  )
}

/** As the contract allows. */
const ALARMS_MAX = 4

const alarmsIn = (text: string) =>
  text
    .split(',')
    .map((alarm) => alarm.trim())
    .filter((alarm) => alarm !== '')

function errorsOf({ model, purpose, when, sample, alarms, keep, days }: Form) {
  const known = alarmsIn(alarms)
  const areAlarms = known.length <= ALARMS_MAX && known.every((alarm) => AlarmSignal.safeParse(alarm).success)
  const isCondition = when.trim() === '' || parseCondition(when) !== undefined
  const isSample = within(sample, 0, 100) && (Number(sample) > 0 || when.trim() !== '' || known.length > 0)
  return {
    model: model === '' ? words.choose : undefined,
    when: isCondition ? undefined : words.whenError,
    sample: isSample ? undefined : words.sampleError,
    alarms: areAlarms ? undefined : words.alarmsError,
    keep: within(keep, 1, 10_000) ? undefined : words.keepError,
    days: within(days, 1, 365) ? undefined : words.daysError,
    purpose: purpose.trim().length < 3 ? words.purposeError : undefined,
  }
}

const within = (text: string, low: number, high: number) =>
  text.trim() !== '' && Number(text) >= low && Number(text) <= high

/** An empty condition removes the one before. */
function rulesOf({ purpose, when, sample, alarms, keep, days, redact, task }: Form) {
  return {
    purpose: purpose.trim(),
    when: when.trim() === '' ? undefined : when.trim(),
    sample: Number(sample) / 100,
    alarms: alarmsIn(alarms),
    keep: Math.round(Number(keep)),
    forSeconds: Math.round(Number(days) * DAY_SECONDS),
    redact: redact
      // A comma inside brackets belongs to a box.
      .split(/,(?![^[]*\])/)
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    task,
  }
}

type TextFieldProps = {
  name: Exclude<keyof Form, 'model' | 'task'>
  form: Form
  change: (part: Partial<Form>) => void
  hint?: string
  error?: string | undefined
  isCode?: boolean
}

const TextField = ({ name, form, change, hint, error, isCode }: TextFieldProps) => (
  <Field label={words[name]} hint={hint} error={error}>
    {(control) => (
      <input
        {...control}
        className={isCode ? `${INPUT} font-mono text-xs` : INPUT}
        autoComplete="off"
        value={form[name]}
        onChange={({ target }) => change({ [name]: target.value })}
      />
    )}
  </Field>
)

function ModelField({ value, onChange }: { value: string; onChange: (model: string) => void }) {
  const { data: models = [] } = useQuery(queries.models())
  return (
    <Field label={words.model}>
      {(control) => (
        <Select {...control} value={value} onChange={({ target }) => onChange(target.value)}>
          <option value="">{words.choose}</option>
          {models.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </Select>
      )}
    </Field>
  )
}
