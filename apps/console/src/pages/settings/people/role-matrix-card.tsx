/** Role matrix: permissions by role, as the hub has them. */
import type { Permission } from '@skerry/contract/people/permissions'
import type { RoleView } from '@skerry/contract/people/role'
import { Check, Minus } from 'lucide-react'
import { Card } from '../../../components/card.tsx'
import { Scrollable } from '../../../components/scrollable.tsx'
import { rolesTexts as words } from './english-roles.ts'
import { RoleHolders } from './role-holders.tsx'
import { roleName } from './role-name.ts'

/** The card. */
export function RoleMatrixCard({ roles }: { roles: readonly RoleView[] }) {
  const permissions = [...new Set(roles.flatMap((role) => role.permissions))]
  return (
    <Card title={words.builtIn} aside={<span className="text-xs text-soft">{words.builtInLead}</span>} isFlush>
      <Scrollable as="section" aria-label={words.builtIn} className="overflow-x-auto">
        <table aria-label={words.builtIn} className="w-full text-sm">
          <thead>
            <tr className="border-b border-line align-top">
              <th scope="col" className="px-4 py-2 text-left text-xs font-medium text-soft">
                {words.permission}
              </th>
              {roles.map((role) => (
                <th key={role.name} scope="col" className="px-3 py-2 text-left text-xs font-medium">
                  {roleName(role.name)}
                  <RoleHolders role={role} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {permissions.map((permission) => (
              <Row key={permission} permission={permission} roles={roles} />
            ))}
          </tbody>
        </table>
      </Scrollable>
    </Card>
  )
}

const Row = ({ permission, roles }: { permission: Permission; roles: readonly RoleView[] }) => (
  <tr className="hover:bg-raised">
    <th scope="row" className="px-4 py-1.5 text-left font-mono text-xs font-normal">
      {permission}
    </th>
    {roles.map(({ name, permissions }) => (
      <td key={name} className="px-3 py-1.5">
        <Mark isAllowed={permissions.includes(permission)} />
      </td>
    ))}
  </tr>
)

const Mark = ({ isAllowed }: { isAllowed: boolean }) =>
  isAllowed ? (
    <Check size={15} role="img" aria-label={words.allowed} className="text-good" />
  ) : (
    <Minus size={15} role="img" aria-label={words.notAllowed} className="text-faint" />
  )
