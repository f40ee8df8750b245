/** Role select: one of the roles that may be given; the others are there, and cannot be chosen. */
import type { RoleName } from '@skerry/contract/people/role'
import { type FieldControl, Select } from '../../../components/fields.tsx'
import { useRoleChoices } from './role-choices.ts'

type RoleSelectProps = { control: FieldControl; value: RoleName; onChange: (role: RoleName) => void }

export function RoleSelect({ control, value, onChange }: RoleSelectProps) {
  const choices = useRoleChoices()
  return (
    <Select
      {...control}
      value={value}
      onChange={(event) => {
        const chosen = choices.find(({ role }) => role === event.target.value)
        if (chosen) onChange(chosen.role)
      }}
    >
      {choices.map(({ role, name, blocked }) => (
        <option key={role} value={role} disabled={blocked !== undefined && role !== value}>
          {name}
        </option>
      ))}
    </Select>
  )
}
