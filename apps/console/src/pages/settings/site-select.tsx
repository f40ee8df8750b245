/** Site select: a choice of the sites. The first site is selected at first. */
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { Field, Select } from '../../components/fields.tsx'
import { queries } from '../../hub/queries.ts'

type SiteSelectProps = { label: string; value: string; onChange: (site: string) => void }

export function SiteSelect({ label, value, onChange }: SiteSelectProps) {
  const { data: sites } = useQuery(queries.sites())
  const first = sites?.[0]?.name
  useEffect(() => {
    if (value === '' && first !== undefined) onChange(first)
  }, [value, first, onChange])
  return (
    <Field label={label}>
      {(control) => (
        <Select {...control} value={value} onChange={(event) => onChange(event.target.value)}>
          {sites?.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </Select>
      )}
    </Field>
  )
}
