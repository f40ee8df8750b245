/** Own roles card: the organisation's own roles: what they may do, where, who has them; made, changed and removed from here. */
import type { RoleView } from '@skerry/contract/people/role'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Confirmation } from '../../../components/dialogs/confirmation.tsx'
import { PermissionTags } from '../../../components/facts/permission-tags.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { rolesTexts as words } from './english-roles.ts'
import { RoleDialog } from './role-dialog.tsx'
import { RoleHolders } from './role-holders.tsx'

type Asked = { act: 'create' } | { act: 'edit' | 'remove'; role: RoleView }

/** The card; `roles` are all, since a new one may begin as a copy of each. */
export function OwnRolesCard({ roles }: { roles: readonly RoleView[] }) {
  const [asked, setAsked] = useState<Asked>()
  const own = roles.filter(({ isBuiltIn }) => !isBuiltIn)
  const onClose = () => setAsked(undefined)
  const create = (
    <GuardedButton permission="role.write" isSmall onClick={() => setAsked({ act: 'create' })}>
      <Plus size={14} aria-hidden />
      {words.create}
    </GuardedButton>
  )
  const { columns } = words
  return (
    <Card title={words.own} aside={create} isFlush>
      {own.length === 0 ? (
        <p className="p-4 text-sm text-soft">{words.none}</p>
      ) : (
        <PlainTable
          label={words.own}
          headers={[columns.name, columns.permissions, columns.scope, columns.held, columns.acts]}
          rows={own.map((role) => ({ key: role.name, cells: cellsOf(role, setAsked) }))}
        />
      )}
      {asked?.act === 'create' && <RoleDialog roles={roles} onClose={onClose} />}
      {asked?.act === 'edit' && <RoleDialog roles={roles} role={asked.role} onClose={onClose} />}
      {asked?.act === 'remove' && <Removal role={asked.role} onClose={onClose} />}
    </Card>
  )
}

function cellsOf(role: RoleView, ask: (asked: Asked) => void) {
  const { name, description, permissions, scope, people, keys, invitations } = role
  const isHeld = people + keys + invitations > 0
  return [
    <span key="name" className="flex flex-col py-2">
      <span className="font-medium">{name}</span>
      {description !== undefined && <span className="max-w-64 text-xs text-soft wrap-anywhere">{description}</span>}
    </span>,
    <details key="permissions" className="max-w-md py-2">
      <summary className="cursor-pointer rounded">{words.permissions(permissions.length)}</summary>
      <PermissionTags permissions={permissions} />
    </details>,
    scope === undefined ? (
      words.everywhere
    ) : (
      <code key="scope" className="font-mono text-xs wrap-anywhere">
        {scope}
      </code>
    ),
    <RoleHolders key="held" role={role} />,
    <span key="acts" className="inline-flex gap-1.5">
      <GuardedButton
        isSmall
        permission="role.write"
        aria-label={words.editLabel(name)}
        onClick={() => ask({ act: 'edit', role })}
      >
        {words.edit}
      </GuardedButton>
      <GuardedButton
        isSmall
        look="danger"
        permission="role.write"
        aria-label={words.removeLabel(name)}
        blocked={isHeld ? words.inUse : undefined}
        onClick={() => ask({ act: 'remove', role })}
      >
        {words.remove}
      </GuardedButton>
    </span>,
  ]
}

const Removal = ({ role: { name }, onClose }: { role: RoleView; onClose: () => void }) => (
  <Confirmation
    title={words.removeTitle(name)}
    lead={words.removeLead}
    verb={words.remove}
    isDanger
    run={() => hub.role.remove({ role: name })}
    done={words.removed(name)}
    onClose={onClose}
  />
)
