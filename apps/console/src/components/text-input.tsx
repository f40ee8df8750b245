/**
 * Text input: a line of words that no browser completes or corrects, for reasons, and for names that a person types
 * again.
 */
import { type FieldControl, INPUT } from './fields.tsx'

type TextInputProps = { control: FieldControl; value: string; onChange: (value: string) => void }

export const TextInput = ({ control, value, onChange }: TextInputProps) => (
  <input
    {...control}
    className={INPUT}
    maxLength={500}
    autoComplete="off"
    spellCheck={false}
    value={value}
    onChange={(event) => onChange(event.target.value)}
  />
)
