/** Role change: which permissions a role would have, gain and lose, and where they count. */
import type { RoleView } from '@skerry/contract/people/role'
import { useQuery } from '@tanstack/react-query'
import { Facts } from '../../components/card.tsx'
import { PermissionTags } from '../../components/facts/permission-tags.tsx'
import { useMissing } from '../../hub/permission.ts'
import { peopleQueries } from '../settings/people/people-queries.ts'
import type { ChangeProps } from './asked-change.tsx'
import { approvalsTexts } from './english-approvals.ts'
import { textOf, textsOf } from './input-text.ts'

const words = approvalsTexts.role

/** Who may not read roles sees their names only. */
function useRoles(): readonly RoleView[] | undefined {
  const missing = useMissing('role.read')
  return useQuery({ ...peopleQueries.roles(), enabled: missing === undefined }).data
}

/** Of `role.create` and `role.edit`. */
export function RoleChange({ input, isOpen }: ChangeProps) {
  const before = useRoles()?.find(({ name }) => isOpen && name === textOf(input.role))
  const permissions = textsOf(input.permissions)
  const description = textOf(input.description)
  const scope = textOf(input.scope) || words.everywhere
  return (
    <Facts
      rows={[
        [words.name, textOf(input.name) || textOf(input.role)],
        ...(description === '' ? [] : [[words.description, description] as const]),
        ...(before ? [[words.held, words.holders(before.people, before.keys)] as const] : []),
        ...differenceRows(before?.permissions, permissions),
        ...(before && (before.scope ?? words.everywhere) !== scope
          ? [
              [words.from, <code key="from">{before.scope ?? words.everywhere}</code>] as const,
              [words.to, <code key="to">{scope}</code>] as const,
            ]
          : [[words.scope, <code key="scope">{scope}</code>] as const]),
      ]}
    />
  )
}

/** What somebody gains and loses who goes from one role to another; without a role before, what they get. */
export function RoleDifference({ from, to }: { from: string | undefined; to: string }) {
  const roles = useRoles()
  const [before, after] = [from, to].map((wanted) => roles?.find(({ name }) => name === wanted))
  if (!after) return null
  const scope = [words.scope, <code key="scope">{after.scope ?? words.everywhere}</code>] as const
  return <Facts rows={[...differenceRows(before?.permissions, after.permissions), scope]} />
}

function differenceRows(before: readonly string[] | undefined, after: readonly string[]) {
  if (!before) return [[words.permissions, <PermissionTags key="all" permissions={after} />] as const]
  const gains = after.filter((each) => !before.includes(each))
  const loses = before.filter((each) => !after.includes(each))
  return [
    [words.gains, tagsOf(gains)],
    [words.loses, tagsOf(loses)],
  ] as const
}

const tagsOf = (permissions: readonly string[]) =>
  permissions.length === 0 ? '–' : <PermissionTags permissions={permissions} />
