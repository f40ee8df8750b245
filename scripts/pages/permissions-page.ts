/**
 * Writes docs/reference/permissions.md from the contract and its roles. apps/hub/test/access/permission-matrix.test.ts compares it with
 * a real hub.
 */
import { api, byteRoutes } from '@skerry/contract/api'
import type { ProcedureMeta, ScopeReach } from '@skerry/contract/api/procedure'
import { OperatorPermission, Permission, permissionsOf, Role } from '@skerry/contract/people/permissions'

type Row = { name: string; access: string; scope: ScopeReach; path: string }

/**
 * They create the object that their path names in the caller's own organisation, if it is not there yet, or plan that.
 */
const MAKING = [
  'catalogue.add',
  'catalogue.create',
  'gitSource.set',
  'modelFeed.set',
  'pair.create',
  'group.set',
  'group.plan',
  'site.apply',
  'source.set',
  'source.plan',
  'sink.set',
  'sink.plan',
]

const head = `# Permissions

Every procedure of the API needs one permission, and a role is a set of permissions. One place of the hub checks them, for keys and
for people alike ([\`access.ts\`](../../packages/core/src/people/access.ts)). \`caller\` means that every role may call it. This page is written by
\`npm run generate\` from the contract. A test calls **every** procedure as every role and as the owner of another organisation, and
compares the answers of a real hub with the table below
([\`permission-matrix.test.ts\`](../../apps/hub/test/access/permission-matrix.test.ts)).

An \`operator\` belongs to the organisation of the people who run the hub. That organisation has no fleet, so all permissions of an
operator apply there only, and only it has \`tenant.*\`. See [organisations](../organisations.md).

Nobody can change or delete a record of the audit trail, not even an owner: no procedure does so. The same test compares the whole
trail, byte by byte, before and after all of these calls.

Organisations can create their own roles from these permissions, with a scope: see [people](../people.md#roles).

## What a role may do
${heading('permission')}`

const matrixHead = `
## Every procedure
| value | means |
|---|---|
| \`yes\` | the hub admits the call |
| \`-\` | the hub rejects it with \`permission_denied\`, before it reads the input |
| \`unknown\` (another organisation's owner) | the call names an object, and the hub answers as if that object did not exist |
| \`own\` (another organisation's owner) | the call concerns the caller's own organisation only |
| \`yes\` (with a scope) | the call concerns no place |
| \`inside\` (with a scope) | the call shows and changes only objects inside the scope |
| \`-\` (with a scope) | the hub rejects it with \`scope_refused\` |

The column "with a scope" is about roles that have the permission.

${heading('procedure', 'permission')}`

const tail = `
## Open to everybody
These procedures need no role. A caller that signs in, joins or resets a password sends a secret of its own. \`account.*\` concerns the
person of the session.

| procedure |
|---|
`

/** The page, as it is checked in. */
export function permissionsPage(): string {
  const rows = rowsOfApi()
  const guarded = rows.filter(({ access }) => access in permissionSet)
  const permissions = Permission.options.map((permission) => line([`\`${permission}\``, ...cells(permission)]))
  const procedures = guarded.map((row) =>
    line([`\`${row.name}\``, `\`${row.access}\``, ...cells(row.access), foreign(row), scoped(row)]),
  )
  const open = rows.filter(({ access }) => access === 'public').map(({ name }) => line([`\`${name}\``]))
  const device = rows.filter(({ access }) => access === 'device').map(({ name }) => `\`${name}\``)
  return [
    head,
    ...permissions,
    '\nNo role has `device.join`: a join token includes it.\n',
    matrixHead,
    ...procedures,
    tail,
    ...open,
    `\nOnly a device itself can call these, with its certificate: ${device.join(', ')}.\n`,
  ].join('')
}

const permissionSet: Readonly<Record<string, string>> = { ...Permission.enum, caller: 'caller' }

function heading(...first: string[]): string {
  const columns = [
    ...first,
    ...Role.options,
    ...(first.length > 1 ? ["another organisation's owner", 'with a scope'] : []),
  ]
  return line(columns) + line(columns.map(() => '---'))
}

function line(texts: readonly string[]): string {
  return `| ${texts.join(' | ')} |\n`
}

const cells = (access: string) =>
  Role.options.map((role) =>
    access === 'caller' || permissionsOf[role].some((permission) => permission === access) ? 'yes' : '-',
  )

function foreign({ name, path, access }: Row): string {
  if (OperatorPermission.safeParse(access).success) return '-'
  return path.includes('{') && !MAKING.includes(name) ? 'unknown' : 'own'
}

function scoped({ scope }: Row): string {
  if (scope === 'none') return '-'
  return scope === 'whole' ? 'yes' : 'inside'
}

function rowsOfApi(): Row[] {
  const procedures = Object.entries(api).flatMap(([noun, group]) =>
    Object.entries(group).map(([verb, procedure]) => {
      const { meta, route } = procedure['~orpc'] as { meta: ProcedureMeta; route: { path?: string } }
      return { name: `${noun}.${verb}`, path: route.path ?? '', access: meta.access, scope: meta.scope }
    }),
  )
  const bytes = Object.entries(byteRoutes).map(([name, { path, access, scope }]) => ({ name, path, access, scope }))
  return [...procedures, ...bytes]
}
