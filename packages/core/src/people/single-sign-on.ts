/** Single sign-on: what a provider's word about a person means here. The word itself has been verified before. */
import type { RoleName } from '@skerry/contract/people/role'

/** What a provider says of a person: the claims of its tokens. */
export type Claims = Readonly<Record<string, unknown>>

export type RoleRule = { group: string; role: RoleName }

/** Whoever is in more groups than this has none that count: no directory sends so many to one application. */
const GROUPS_MAX = 1_000

/** The groups under a claim; a dot leads into an object (`realm_access.roles`), unless a claim has the whole name. */
export function groupsOf(claims: Claims, name: string): string[] {
  const value = name in claims ? claims[name] : name.split('.').reduce<unknown>(memberOf, claims)
  const all = typeof value === 'string' ? [value] : Array.isArray(value) ? value : []
  return all.length > GROUPS_MAX ? [] : all.filter((group): group is string => typeof group === 'string')
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined

/** The role of the first rule that names one of the groups; what is otherwise where none does. */
export const roleOfGroups = (
  groups: readonly string[],
  { roles, roleOtherwise }: { roles: readonly RoleRule[]; roleOtherwise?: RoleName | undefined },
): RoleName | undefined => roles.find(({ group }) => groups.includes(group))?.role ?? roleOtherwise

/** Whether the address may come in; where no domain is named, each may. A subdomain is another domain. */
export const isOfDomain = (email: string, domains: readonly string[]): boolean =>
  domains.length === 0 || domains.includes(email.slice(email.lastIndexOf('@') + 1).toLowerCase())

/** [RFC 8176 2] What somebody knows, has, and is. */
const KINDS: readonly (readonly string[])[] = [
  ['pwd', 'pin', 'kba'],
  ['otp', 'hwk', 'swk', 'pop', 'sc', 'sms', 'tel', 'mca'],
  ['fpt', 'face', 'iris', 'retina', 'vbm'],
]

/**
 * Whether the provider has asked for more than one thing: it says so (`mfa`), or names methods of two kinds; or its `acr` is one that the
 * operator takes for it. Where it says nothing, it has not.
 */
export function isMultiFactor({ amr, acr }: Claims, acrValues: readonly string[]): boolean {
  if (typeof acr === 'string' && acrValues.includes(acr)) return true
  if (!Array.isArray(amr)) return false
  return amr.includes('mfa') || KINDS.filter((kind) => kind.some((method) => amr.includes(method))).length > 1
}

/** The address that a provider vouches for, in lower case. Providers that never say `email_verified` have to be trusted by name. */
export function emailOf({ email, email_verified }: Claims, isTrusted: boolean): string | undefined {
  const isVerified = email_verified === true || (isTrusted && email_verified !== false)
  return typeof email === 'string' && isVerified ? email.toLowerCase() : undefined
}
