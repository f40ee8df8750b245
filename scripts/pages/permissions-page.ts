/** Writes docs/reference/permissions.md out of the contract and its roles. apps/hub/test/access/permission-matrix.test.ts asks a real hub whether it is so. */
import { api, byteRoutes } from '@skerry/contract/api'
import type { ProcedureMeta, ScopeReach } from '@skerry/contract/api/procedure'
import { OperatorPermission, Permission, permissionsOf, Role } from '@skerry/contract/people/permissions'

type Row = { name: string; access: string; scope: ScopeReach; path: string }

/** They make what their path names in the caller's own organisation, where it is not there yet, or say what that would do. */
const MAKING = ['site.apply', 'source.set', 'source.plan', 'sink.set', 'sink.plan']

const head = `# Permissions

Who may call what. Every procedure of the API needs one permission, a role is a set of permissions, and one place of the
hub asks ([\`access.ts\`](../packages/core/src/people/access.ts)), for keys and for people alike (\`caller\`: every role may). This page is written by
\`npm run generate\` out of the contract; a test calls **every** procedure as every role and as the owner of another
organisation, and compares what a real hub answers with the table below
([\`permission-matrix.test.ts\`](../apps/hub/test/access/permission-matrix.test.ts)).

An \`operator\` belongs to an organisation of those who run the hub, which has no fleet: whatever the column allows, it
allows there, and \`tenant.*\` counts from there only. See [organisations](organisations.md).

Nobody can change or delete a record of the audit trail, also no owner: no procedure does, and the same test compares
the whole trail, byte by byte, with what it was before everybody has tried everything.

Organisations make roles of their own out of these permissions, and may say where they count: [people](people.md#roles).

## What a role may do
${heading('permission')}`

const matrixHead = `
## Every procedure
\`yes\`: let in. \`-\`: refused with \`permission_denied\`, before the input is looked at. Another organisation's owner: \`unknown\`
where the call names something, which is then refused in the same words as what nobody has; \`own\` where the call is about
the caller's own organisation only. With a scope, of a role that would let in: \`yes\` where the call is about no place;
\`inside\` where it shows and changes only what lies in the scope; \`-\` where it is refused with \`scope_refused\`.

${heading('procedure', 'permission')}`

const tail = `
## Open to everybody
These need no role. Whoever signs in, joins or resets a password brings a secret of the own; \`account.*\` is about the
person whose session asks.

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
    '\nNobody has `device.join`: a join token carries it.\n',
    matrixHead,
    ...procedures,
    tail,
    ...open,
    `\nOnly for the device that it is about, by its certificate: ${device.join(', ')}.\n`,
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
