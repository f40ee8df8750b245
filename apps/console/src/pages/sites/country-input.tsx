/** Country input: a list of countries by name; a person may also type the name or the code. */
import { useId } from 'react'
import { type FieldControl, INPUT } from '../../components/fields.tsx'
import { COUNTRIES, countryCode } from './countries.ts'

type CountryProps = { control: FieldControl; value: string; onChange: (code: string) => void }

export function CountryInput({ control, value, onChange }: CountryProps) {
  const list = useId()
  const name = COUNTRIES.find(({ code }) => code === value)?.name
  return (
    <>
      <span className="flex items-center gap-2">
        <input
          {...control}
          list={list}
          className={INPUT}
          autoComplete="off"
          spellCheck={false}
          value={value}
          onChange={({ target }) => onChange(countryCode(target.value))}
        />
        {name !== undefined && <span className="shrink-0 text-sm text-soft">{name}</span>}
      </span>
      <datalist id={list}>
        {COUNTRIES.map(({ code, name: each }) => (
          <option key={code} value={code} label={each}>
            {each}
          </option>
        ))}
      </datalist>
    </>
  )
}
