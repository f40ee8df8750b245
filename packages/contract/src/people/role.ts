/** Roles of an organisation's own: permissions, and where they count. */
import * as z from 'zod'
import { InstantMs, Name, SelectorText } from '../values/names.ts'
import { Permission } from './permissions.ts'

/** A role of the name: a built-in one, or one of the organisation's own. */
export const RoleName = Name
export type RoleName = z.infer<typeof RoleName>

/** Nobody's role joins devices: a join token carries that. Organisations are for operators only. */
export const GivenPermission = Permission.exclude(['device.join', 'tenant.read', 'tenant.write'])
export type GivenPermission = z.infer<typeof GivenPermission>

/** More would be nobody's to oversee. */
export const ROLES_MAX = 100

/** What an organisation says of a role of its own. */
export const RoleSpec = z.strictObject({
  permissions: z.array(GivenPermission).min(1).max(GivenPermission.options.length),
  /** A selector over the names and labels of devices and over sites: where the permissions count. Everywhere where absent. */
  scope: SelectorText.optional(),
  description: z.string().trim().max(200).optional(),
})
export type RoleSpec = z.infer<typeof RoleSpec>

export const RoleView = z.strictObject({
  name: RoleName,
  isBuiltIn: z.boolean(),
  permissions: z.array(Permission),
  scope: z.string().optional(),
  description: z.string().optional(),
  /** Counts changes from 1; 0 where it is built in. */
  revision: z.int().min(0),
  /** How many people, keys and open invitations have it. */
  people: z.int().min(0),
  keys: z.int().min(0),
  invitations: z.int().min(0),
  createdAtMs: InstantMs.optional(),
  changedAtMs: InstantMs.optional(),
})
export type RoleView = z.infer<typeof RoleView>
