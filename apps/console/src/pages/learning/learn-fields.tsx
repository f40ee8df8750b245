/** Fields of the form of a learning. */
import { useQuery } from '@tanstack/react-query'
import { Field, INPUT, Select } from '../../components/fields.tsx'
import { queries } from '../../hub/queries.ts'
import { learningTexts } from './english-learning.ts'
import type { LearnForm, Unit } from './learn-form.ts'
import { learningQueries } from './learning-queries.ts'

const words = learningTexts.wizard

type ChoiceProps = { value: string; onChange: (value: string) => void }

/** In a fleet, the tags of this machine stand for those of the others. */
export function DeviceField({ of, ...choice }: ChoiceProps & Pick<LearnForm, 'of'>) {
  const { data: devices = [] } = useQuery(queries.devices(undefined))
  const label = of === 'machine' ? words.device : words.exampleDevice
  return <ChoiceField label={label} options={devices.map(({ name }) => name)} {...choice} />
}

type SourceFieldProps = { device: string; source: string; onChange: (source: string) => void }

export function SourceField({ device, source, onChange }: SourceFieldProps) {
  const { data } = useQuery(learningQueries.sources(device))
  const names = data?.running.filter(({ kind }) => kind === 'source').map(({ name }) => name) ?? []
  const hint = data && names.length === 0 ? words.noSource : undefined
  return <ChoiceField label={words.source} options={names} value={source} hint={hint} onChange={onChange} />
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

export const UnitField = ({ value, onChange }: { value: Unit; onChange: (unit: Unit) => void }) => (
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
  form: LearnForm
  change: (part: Partial<LearnForm>) => void
  hint?: string
}

export const TextField = ({ name, form, change, hint }: TextFieldProps) => (
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
