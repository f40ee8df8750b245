/** Permission choice: which permissions a role has, by what they are about. Nobody puts in what they may not do themselves. */
import { GivenPermission } from '@skerry/contract/people/role'
import { useQuery } from '@tanstack/react-query'
import { queries } from '../../../hub/queries.ts'
import { rolesTexts } from './english-roles.ts'

const words = rolesTexts.form

const nounOf = (permission: string) => permission.split('.')[0] ?? ''

const GROUPS = [...Map.groupBy(GivenPermission.options, nounOf)]

type ChoiceProps = { value: readonly GivenPermission[]; onChange: (value: GivenPermission[]) => void }

export function PermissionChoice({ value, onChange }: ChoiceProps) {
  const own = useQuery(queries.me()).data?.permissions ?? []
  const toggle = (permission: GivenPermission, isOn: boolean) =>
    onChange(isOn ? [...value, permission] : value.filter((each) => each !== permission))
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1.5 text-sm font-medium">{words.permissions}</legend>
      <div className="grid gap-x-6 gap-y-3 sm:grid-cols-3">
        {GROUPS.map(([noun, permissions]) => (
          <ul key={noun} aria-label={noun} className="flex flex-col">
            {permissions.map((permission) => (
              <li key={permission}>
                <Choice
                  permission={permission}
                  isOn={value.includes(permission)}
                  isBeyond={!own.includes(permission)}
                  onToggle={(isOn) => toggle(permission, isOn)}
                />
              </li>
            ))}
          </ul>
        ))}
      </div>
    </fieldset>
  )
}

type OneProps = { permission: string; isOn: boolean; isBeyond: boolean; onToggle: (isOn: boolean) => void }

const Choice = ({ permission, isOn, isBeyond, onToggle }: OneProps) => (
  <label className="flex min-h-[25px] items-start gap-2 text-sm">
    <input
      type="checkbox"
      className="mt-1"
      checked={isOn}
      disabled={isBeyond && !isOn}
      onChange={(event) => onToggle(event.target.checked)}
    />
    <span className="flex flex-col">
      <span className="font-mono text-xs leading-5">{permission}</span>
      {isBeyond && <span className="text-2xs text-soft">{words.beyond}</span>}
    </span>
  </label>
)
