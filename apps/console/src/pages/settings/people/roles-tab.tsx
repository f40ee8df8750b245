/** Roles: the permissions of each built-in role, and the organisation's custom roles. */
import { useQuery } from '@tanstack/react-query'
import { Hidden } from '../../../components/hidden.tsx'
import { WaitingCard } from '../../../components/waiting-card.tsx'
import { useRefusal } from '../../../hub/permission.ts'
import { OwnRolesCard } from './own-roles-card.tsx'
import { peopleQueries } from './people-queries.ts'
import { RoleMatrixCard } from './role-matrix-card.tsx'

export function RolesTab() {
  const refusal = useRefusal('role.read', 'role.list')
  return refusal === undefined ? <Roles /> : <Hidden reason={refusal} />
}

function Roles() {
  const { data, error, refetch } = useQuery(peopleQueries.roles())
  if (!data) return <WaitingCard error={error} retry={refetch} />
  return (
    <div className="overflow-y-auto">
      <div className="flex flex-col gap-4">
        <OwnRolesCard roles={data} />
        <RoleMatrixCard roles={data.filter(({ isBuiltIn }) => isBuiltIn)} />
      </div>
    </div>
  )
}
