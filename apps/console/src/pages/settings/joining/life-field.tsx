/** Life field: how long something counts. */
import { Field, Select } from '../../../components/fields.tsx'

type LifeFieldProps = {
  label: string
  /** What is offered: words by seconds. */
  lives: Readonly<Record<string, string>>
  seconds: number
  onChange: (seconds: number) => void
}

export const LifeField = ({ label, lives, seconds, onChange }: LifeFieldProps) => (
  <Field label={label}>
    {(control) => (
      <Select {...control} value={seconds} onChange={(event) => onChange(Number(event.target.value))}>
        {Object.entries(lives).map(([life, text]) => (
          <option key={life} value={life}>
            {text}
          </option>
        ))}
      </Select>
    )}
  </Field>
)
