/** What a caller may do. Every procedure names the one permission that it needs; a role is a set of them. */
import * as z from 'zod'

export const Permission = z.enum([
  'fleet.read',
  'site.write',
  'device.write',
  'device.join',
  'token.write',
  'model.read',
  'model.write',
  'deployment.read',
  'deployment.write',
  'rollout.write',
  'audit.read',
  'key.read',
  'key.write',
])
export type Permission = z.infer<typeof Permission>

export const Role = z.enum(['owner', 'viewer'])
export type Role = z.infer<typeof Role>

const viewer: readonly Permission[] = ['fleet.read', 'model.read', 'deployment.read', 'audit.read']

/** `device.join` belongs to nobody's key: a join token carries it. */
export const permissionsOf: Readonly<Record<Role, readonly Permission[]>> = {
  owner: Permission.options.filter((permission) => permission !== 'device.join'),
  viewer,
}
