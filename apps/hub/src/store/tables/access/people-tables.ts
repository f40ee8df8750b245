/**
 * The tables of people. The tables of better-auth hold instants as text (ISO 8601, UTC), all others as milliseconds.
 */

import type { RoleName } from '@skerry/contract/people/role'
import type { InvitationId, OrganisationId, PasskeyId, SessionId, UserId } from '@skerry/contract/values/ids'
import type { Generated } from 'kysely'
import type { Json } from '../../json-column.ts'

export type UserTable = {
  id: UserId
  name: string
  email: string
  /** 1 if the person has proved to the hub that the address is theirs. */
  email_verified: 0 | 1
  /** 0 if the person has removed a provider: then the address alone links none again. */
  links_by_address: Generated<0 | 1>
  /** The organisation whose provider created the account, and so vouched for the address. */
  vouched_by: OrganisationId | null
  image: string | null
  created_at: string
  updated_at: string
}

/** A way to sign in; `credential` is the password. */
type UserAccountTable = {
  id: string
  account_id: string
  provider_id: string
  user_id: UserId
  password: string | null
}

/** A secret that was sent to a person and proves the address: `value` holds its hash. */
type UserVerificationTable = { id: string; identifier: string; value: string; expires_at: string }

export type UserSessionTable = {
  id: SessionId
  /** SHA-256 of the cookie's content, hex. */
  token: string
  user_id: UserId
  organisation_id: OrganisationId
  expires_at: string
  ip_address: string | null
  user_agent: string | null
  created_at: string
  /** The time of the person's last activity. */
  updated_at: string
  /** The method of the sign-in: `password`, `provider:ID` or `passkey`. */
  method: string
  /** 1 if the sign-in took more than one factor. */
  is_multi_factor: 0 | 1
  /**
   * The organisation in which the session set up its second factor. A password alone was enough for that. So the factor
   * does not count for other organisations until a new sign-in proves it.
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
  /** AES-256-GCM with a key of `PeopleKeys`, bound to the user's id. */
  secret_sealed: string
  /** Null until a code has proved the authenticator. */
  confirmed_at_ms: number | null
  /** The time step of the newest accepted code, so that no code counts twice. */
  last_step: number
}

/** [WebAuthn L3 4] The hub's record of a credential. */
export type PasskeyTable = {
  id: PasskeyId
  user_id: UserId
  /** The authenticator's id of the credential, base64url. */
  credential_id: string
  /** COSE [RFC 9052 7], base64url. */
  public_key: string
  /** The number of signatures, if the authenticator counts them; otherwise 0. */
  counter: number
  transports: Json<string[]>
  name: string
  is_synced: 0 | 1
  created_at_ms: number
  last_used_at_ms: number | null
}

/** A command line that requests a key, after RFC 8628. */
export type LoginTable = {
  secret_hash: string
  /** The code that a person compares. */
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
  /** The name is an e-mail address, with or without an account, or a known place. */
  sign_in_failures: { email_hash: string; failures: number; failed_at_ms: number }
  /** Spent tickets, kept until they would have expired anyway. */
  spent_tickets: { ticket_hash: string; expires_at_ms: number }
  sign_in_rules: {
    organisation_id: OrganisationId
    second_factor_for: Json<RoleName[]>
    /** Null if sessions are not locked. */
    idle_lock_seconds: number | null
  }
}
