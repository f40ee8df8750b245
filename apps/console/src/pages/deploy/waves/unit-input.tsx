/** Unit input: a number with its unit beside it. A text that says more, such as a formula, stays as it is written. */
import { useState } from 'react'
import { cn } from '../../../components/class-names.ts'
import { type FieldControl, INPUT, Select } from '../../../components/fields.tsx'
import { deployTexts } from '../english-deploy.ts'
import { partsOf, textOf, type Units } from './number-unit.ts'

type UnitInputProps = {
  control: FieldControl
  units: Units
  /** The name of the list of units. */
  label: string
  value: string
  placeholder?: string | undefined
  onChange: (text: string | undefined) => void
}

export function UnitInput({ control, units, label, value, placeholder, onChange }: UnitInputProps) {
  const { number, unit } = partsOf(value, units)
  // The unit that a person chose before there is a number.
  const [chosen, setChosen] = useState<string>()
  const shown = number === '' ? (chosen ?? unit) : unit
  return (
    <span className="flex min-w-0 gap-1.5">
      <input
        {...control}
        className={cn(INPUT, 'flex-1')}
        inputMode="decimal"
        placeholder={placeholder === undefined ? '' : partsOf(placeholder, units).number}
        spellCheck={false}
        autoComplete="off"
        value={number}
        onChange={({ target }) => onChange(textOf(target.value, shown) || undefined)}
      />
      {units.length === 1 && shown !== undefined && (
        <span className="self-center text-sm whitespace-nowrap text-soft">{units[0]?.name}</span>
      )}
      {units.length > 1 && (
        <Select
          aria-label={label}
          className="w-auto max-w-36 shrink-0"
          value={shown ?? AS_WRITTEN}
          onChange={({ target }) => {
            setChosen(target.value)
            if (number !== '') onChange(textOf(number, target.value))
          }}
        >
          {shown === undefined && (
            <option value={AS_WRITTEN} disabled>
              {deployTexts.asWritten}
            </option>
          )}
          {units.map((each) => (
            <option key={each.unit} value={each.unit}>
              {each.name}
            </option>
          ))}
        </Select>
      )}
    </span>
  )
}

const AS_WRITTEN = 'as written'
