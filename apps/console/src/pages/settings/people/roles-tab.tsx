/** Roles: what each built-in one may do, and those of the organisation's own. */
import { useQuery } from '@tanstack/react-query'
import { Card } from '../../../components/card.tsx'
import { Hidden } from '../../../components/hidden.tsx'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { useRefusal } from '../../../hub/permission.ts'
import { OwnRolesCard } from './own-roles-card.tsx'
import { peopleQueries } from './people-queries.ts'
import { RoleMatrixCard } from './role-matrix-card.tsx'

/** The tab. */
export function RolesTab() {
  const refusal = useRefusal('role.read', 'role.list')
  return refusal === undefined ? <Roles /> : <Hidden reason={refusal} />
}

function Roles() {
  const { data, error, refetch } = useQuery(peopleQueries.roles())
  if (!data)
    return <Card>{error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading rows={8} />}</Card>
  return (
    <div className="overflow-y-auto">
      <div className="flex flex-col gap-4">
        <OwnRolesCard roles={data} />
        <RoleMatrixCard roles={data.filter(({ isBuiltIn }) => isBuiltIn)} />
      </div>
    </div>
  )
}
