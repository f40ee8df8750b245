/** Role dialog: makes or changes a role: its permissions, and the selector of where they count, counted by the hub meanwhile. */
import { GivenPermission, type RoleSpec, type RoleView } from '@skerry/contract/people/role'
import { useState } from 'react'
import { SaveDialog } from '../../../components/dialogs/save-dialog.tsx'
import { Field, INPUT, Select } from '../../../components/fields.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { rolesTexts } from './english-roles.ts'
import { PermissionChoice } from './permission-choice.tsx'
import { roleName } from './role-name.ts'
import { ScopeField } from './scope-field.tsx'

const words = rolesTexts.form

type Draft = { name: string; permissions: readonly GivenPermission[]; scope: string; description: string }
type DialogProps = { roles: readonly RoleView[]; role?: RoleView; onClose: () => void }

const givenOf = (permissions: readonly string[]) =>
  permissions.flatMap((permission) => GivenPermission.safeParse(permission).data ?? [])

/** Shown while it is in the page. */
export function RoleDialog({ roles, role, onClose }: DialogProps) {
  const [draft, setDraft] = useState<Draft>({
    name: role?.name ?? '',
    permissions: givenOf(role?.permissions ?? []),
    scope: role?.scope ?? '',
    description: role?.description ?? '',
  })
  return (
    <SaveDialog
      isWide
      onClose={onClose}
      title={role ? words.editTitle(role.name) : words.createTitle}
      {...(role && { lead: words.editLead })}
      verb={words.save}
      blocked={draft.permissions.length === 0 ? words.nothing : undefined}
      run={() => save(draft, role)}
    >
      <Fields {...{ roles, draft }} isNew={!role} onChange={(change) => setDraft({ ...draft, ...change })} />
    </SaveDialog>
  )
}

/** Gives the words of what was done. */
async function save({ name, permissions, scope, description }: Draft, role: RoleView | undefined): Promise<string> {
  const spec: RoleSpec = {
    permissions: [...permissions],
    ...(scope.trim() !== '' && { scope: scope.trim() }),
    ...(description.trim() !== '' && { description: description.trim() }),
  }
  if (role) await hub.role.edit({ role: role.name, ...spec })
  else await hub.role.create({ name, ...spec })
  return role ? words.saved(name) : words.created(name)
}

type FieldsProps = {
  roles: readonly RoleView[]
  draft: Draft
  isNew: boolean
  onChange: (change: Partial<Draft>) => void
}

function Fields({ roles, draft, isNew, onChange }: FieldsProps) {
  const beginWith = (name: string) =>
    onChange({ permissions: givenOf(roles.find((each) => each.name === name)?.permissions ?? []) })
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        {isNew && <TextField label={words.name} max={63} value={draft.name} onChange={(name) => onChange({ name })} />}
        {isNew && (
          <Field label={words.like}>
            {(control) => (
              <Select {...control} onChange={(event) => beginWith(event.target.value)}>
                <option value="">{words.choose}</option>
                {roles.map(({ name }) => (
                  <option key={name} value={name}>
                    {roleName(name)}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        )}
      </div>
      <TextField
        label={words.description}
        max={200}
        value={draft.description}
        onChange={(description) => onChange({ description })}
      />
      <ScopeField value={draft.scope} onChange={(scope) => onChange({ scope })} />
      <PermissionChoice value={draft.permissions} onChange={(permissions) => onChange({ permissions })} />
    </>
  )
}

type TextFieldProps = { label: string; max: number; value: string; onChange: (value: string) => void }

const TextField = ({ label, max, value, onChange }: TextFieldProps) => (
  <Field label={label}>
    {(control) => (
      <input
        {...control}
        className={INPUT}
        maxLength={max}
        autoComplete="off"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    )}
  </Field>
)
