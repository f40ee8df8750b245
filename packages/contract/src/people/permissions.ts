/** The permissions of callers. Every procedure names the one permission that it needs; a role is a set of them. */
import * as z from 'zod'

export const Permission = z.enum([
  'fleet.read',
  'alert.write',
  'site.write',
  'device.write',
  'device.wipe',
  'device.inspect',
  'device.join',
  'ddi.write',
  'access.read',
  'access.request',
  'access.open',
  'access.replay',
  'token.write',
  'model.read',
  'model.write',
  'model.run',
  'app.host',
  'build.write',
  'capture.read',
  'capture.write',
  'capture.label',
  'capture.export',
  'group.write',
  'route.read',
  'route.write',
  'route.serve',
  'campaign.read',
  'campaign.write',
  'learning.read',
  'learning.write',
  'deployment.read',
  'deployment.write',
  'git.write',
  'rollout.write',
  'rollout.approve',
  'batch.read',
  'batch.create',
  'batch.sign',
  'batch.send',
  'audit.read',
  'audit.write',
  'intrusion.read',
  'intrusion.write',
  'key.read',
  'key.write',
  'secret.read',
  'secret.write',
  'connection.read',
  'connection.write',
  'tag.write',
  'trust.read',
  'trust.write',
  'vulnerability.write',
  'market.read',
  'market.install',
  'market.write',
  'market.submit',
  'market.review',
  'hub.read',
  'hub.write',
  'user.read',
  'user.write',
  'role.read',
  'role.write',
  'organisation.read',
  'organisation.write',
  'approval.read',
  'approval.write',
  'tenant.read',
  'tenant.write',
])
export type Permission = z.infer<typeof Permission>

/**
 * The built-in roles. `operator` is for those who run the hub, in an organisation of their own; all others are for
 * other organisations.
 */
export const Role = z.enum(['owner', 'administrator', 'supervisor', 'editor', 'viewer', 'auditor', 'operator'])
export type Role = z.infer<typeof Role>

/** The roles that every organisation has. */
export const TenantRole = Role.exclude(['operator'])
export type TenantRole = z.infer<typeof TenantRole>

/**
 * Permissions of operators only: an owner does not manage organisations, and an operator does not see their contents.
 */
export const OperatorPermission = Permission.extract(['tenant.read', 'tenant.write'])

const looking: readonly Permission[] = [
  ...(['fleet.read', 'model.read', 'deployment.read', 'route.read', 'campaign.read', 'learning.read'] as const),
  ...(['batch.read', 'trust.read', 'connection.read', 'market.read'] as const),
]

/** No key joins devices: a join token does that. */
const everything = Permission.options.filter(
  (permission) => permission !== 'device.join' && !OperatorPermission.safeParse(permission).success,
)

/**
 * Permission × role. `build.write` takes the time of the hub and of devices, and adds no model. `device.inspect` reads private parts of a device (its log), and `model.run` makes a device work:
 * neither changes anything, and neither is for a viewer. `tag.write` makes equipment act, so it is not for authors. An
 * administrator runs the organisation by the rules that an owner sets. An editor prepares changes, and a supervisor
 * then signs, sends and approves them. An auditor sees all actions and permissions, and changes nothing. An operator
 * manages organisations, and the people and keys of the operators; no permission of theirs is about a fleet. Captured
 * rows may be about people: only owners and administrators see them, unless another role gives the permission. Remote
 * access is apart from `device.write`: a terminal can do more than any command of the hub, and a recording may show secrets.
 * `app.host` is to push
 * releases of apps that reach into devices: such an app can do all that the owner of the device can.
 * `alert.write` quiets alarms of equipment, so it is for people who look after the plant.
 * A gateway needs `route.serve` only, which shows the addresses of devices.
 */
export const permissionsOf: Readonly<Record<Role, readonly Permission[]>> = {
  owner: everything,
  administrator: everything.filter((permission) => permission !== 'organisation.write'),
  supervisor: [
    ...looking,
    'audit.read',
    'alert.write',
    'device.write',
    'device.inspect',
    'access.read',
    'access.request',
    'access.open',
    'tag.write',
    'model.run',
    'vulnerability.write',
    'rollout.write',
    'rollout.approve',
    'batch.sign',
    'batch.send',
    'market.submit',
    'market.review',
    'organisation.read',
    'approval.read',
    'approval.write',
  ],
  editor: [
    ...looking,
    'audit.read',
    'device.inspect',
    'model.write',
    'model.run',
    'build.write',
    'group.write',
    'route.write',
    'campaign.write',
    'learning.write',
    'deployment.write',
    'rollout.write',
    'market.install',
    'market.submit',
    'batch.create',
    'organisation.read',
    'approval.read',
  ],
  viewer: [...looking, 'audit.read'],
  auditor: [
    ...looking,
    'audit.read',
    'access.read',
    'access.replay',
    'intrusion.read',
    'key.read',
    'hub.read',
    'user.read',
    'role.read',
    'organisation.read',
    'approval.read',
  ],
  operator: [
    'audit.read',
    'audit.write',
    'intrusion.read',
    'intrusion.write',
    'key.read',
    'key.write',
    'hub.read',
    'hub.write',
    'user.read',
    'user.write',
    'role.read',
    'organisation.read',
    'organisation.write',
    'approval.read',
    'approval.write',
    'tenant.read',
    'tenant.write',
  ],
}
