/** The tables of people. Those of better-auth hold instants as text (ISO 8601, UTC); ours in milliseconds, as everywhere. */

import type { RoleName } from '@skerry/contract/people/role'
import type { InvitationId, OrganisationId, PasskeyId, SessionId, UserId } from '@skerry/contract/values/ids'
import type { Generated } from 'kysely'
import type { Json } from '../../json-column.ts'

export type UserTable = {
  id: UserId
  name: string
  email: string
  /** 1 where the person has proved to the hub that the address is theirs. */
  email_verified: 0 | 1
  /** 0 where the person has parted from a provider: the address alone brings none back. */
  links_by_address: Generated<0 | 1>
  /** The organisation whose provider made the account, and so said whose the address is. */
  vouched_by: OrganisationId | null
  image: string | null
  created_at: string
  updated_at: string
}

/** What somebody signs in with; `credential` is the password. */
type UserAccountTable = {
  id: string
  account_id: string
  provider_id: string
  user_id: UserId
  password: string | null
}

/** Something that was sent to somebody and proves the address: `identifier` holds the hash of it. */
type UserVerificationTable = { id: string; identifier: string; value: string; expires_at: string }

export type UserSessionTable = {
  id: SessionId
  /** SHA-256 of what the cookie holds, hex. */
  token: string
  user_id: UserId
  organisation_id: OrganisationId
  expires_at: string
  ip_address: string | null
  user_agent: string | null
  created_at: string
  /** When the person was last seen to be there. */
  updated_at: string
  /** How the person signed in: `password`, `provider:ID` or `passkey`. */
  method: string
  /** 1 where that took more than one factor. */
  is_multi_factor: 0 | 1
  /**
   * The organisation in which the session set up its second factor. A password alone was enough for that, so the factor does not count for
   * other organisations until a new sign-in proves it.
   */
  enrolled_in: OrganisationId | null
}

export type MembershipTable = {
  user_id: UserId
  organisation_id: OrganisationId
  role: RoleName
  created_at_ms: number
}

export type InvitationTable = {
  id: InvitationId
  organisation_id: OrganisationId
  secret_hash: string
  role: RoleName
  email: string | null
  uses_max: number
  uses: number
  created_at_ms: number
  expires_at_ms: number
}

export type SecondFactorTable = {
  user_id: UserId
  /** AES-256-GCM under a key that follows from the authority's, with the user's id bound to it. */
  secret_sealed: string
  /** Null until a code has proved the authenticator. */
  confirmed_at_ms: number | null
  /** Of the newest code that was taken: none counts twice. */
  last_step: number
}

/** [WebAuthn L3 4] What the hub keeps of a credential. */
export type PasskeyTable = {
  id: PasskeyId
  user_id: UserId
  /** What the authenticator calls it, base64url. */
  credential_id: string
  /** COSE [RFC 9052 7], base64url. */
  public_key: string
  /** How often it has signed, where the authenticator counts; 0 where it does not. */
  counter: number
  transports: Json<string[]>
  name: string
  is_synced: 0 | 1
  created_at_ms: number
  last_used_at_ms: number | null
}

/** A command line that asks for a key, after RFC 8628. */
export type LoginTable = {
  secret_hash: string
  /** What a person compares. */
  code: string
  device: string
  source: string
  state: 'asked' | 'agreed' | 'refused'
  key_expires_in_seconds: number
  user_id: UserId | null
  organisation_id: OrganisationId | null
  is_multi_factor: 0 | 1
  created_at_ms: number
  expires_at_ms: number
}

export type PeopleTables = {
  logins: LoginTable
  users: UserTable
  user_accounts: UserAccountTable
  user_verifications: UserVerificationTable
  user_sessions: UserSessionTable
  memberships: MembershipTable
  invitations: InvitationTable
  second_factors: SecondFactorTable
  passkeys: PasskeyTable
  recovery_codes: { user_id: UserId; code_hash: string }
  /** Browsers and addresses from which a person has signed in. */
  known_places: { user_id: UserId; place_hash: string; seen_at_ms: number }
  /** By e-mail address, whether anybody has it or not; or by a known place. */
  sign_in_failures: { email_hash: string; failures: number; failed_at_ms: number }
  /** What counts once and is spent, until it would be too old anyway. */
  spent_tickets: { ticket_hash: string; expires_at_ms: number }
  sign_in_rules: {
    organisation_id: OrganisationId
    second_factor_for: Json<RoleName[]>
    /** Null where sessions are not locked. */
    idle_lock_seconds: number | null
  }
}
