/** Roles of an organisation's own: their permissions, and their scope. */
import * as z from 'zod'
import { InstantMs, Name, SelectorText } from '../values/names.ts'
import { Permission } from './permissions.ts'

/** A role of the name: a built-in one, or one of the organisation's own. */
export const RoleName = Name
export type RoleName = z.infer<typeof RoleName>

/** No role joins devices: a join token does that. Organisations are for operators only. */
export const GivenPermission = Permission.exclude(['device.join', 'tenant.read', 'tenant.write'])
export type GivenPermission = z.infer<typeof GivenPermission>

/** Nobody could oversee more roles. */
export const ROLES_MAX = 100

/** An organisation's definition of a role of its own. */
export const RoleSpec = z.strictObject({
  permissions: z.array(GivenPermission).min(1).max(GivenPermission.options.length),
  /**
   * A selector over the names and labels of devices and over sites: the scope of the permissions. They count everywhere
   * if absent.
   */
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
  /** Counts changes from 1; 0 if it is built in. */
  revision: z.int().min(0),
  /** How many people, keys and open invitations have it. */
  people: z.int().min(0),
  keys: z.int().min(0),
  invitations: z.int().min(0),
  createdAtMs: InstantMs.optional(),
  changedAtMs: InstantMs.optional(),
})
export type RoleView = z.infer<typeof RoleView>
