/** Users: the people of an organisation, what they sign in with, and how they are invited. */
import * as z from 'zod'
import { InvitationId, SessionId, UserId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'
import { RoleName } from './role.ts'

/** [RFC 5321 4.5.3.1.3] 254 characters reach anybody. In lower case: nobody means two people by `A@x` and `a@x`. */
export const Email = z.email().max(254).toLowerCase()
export type Email = z.infer<typeof Email>

/** [NIST SP 800-63B 3.1.1.2] Long rather than strange. Over 128 characters nothing is gained, and hashing must not be had for a megabyte. */
export const Password = z.string().min(12, 'must have at least 12 characters').max(128)

/** What is typed at sign-in: of any length that a password was ever allowed to have. */
export const TypedPassword = z.string().min(1).max(128)

/** Six digits of an authenticator, or a recovery code. */
export const SecondFactorCode = z
  .string()
  .trim()
  .regex(/^(\d{6}|[A-Za-z2-7]{5}-?[A-Za-z2-7]{5})$/, 'must be six digits, or a recovery code such as abcde-fg234')

/** What a person is called: anything that fits a line. */
export const PersonName = z.string().trim().min(1).max(63)

export const User = z.strictObject({
  id: UserId,
  email: z.string(),
  name: z.string(),
  role: RoleName,
  /** An authenticator, or a passkey. */
  hasSecondFactor: z.boolean(),
  passkeys: z.int().min(0),
  createdAtMs: InstantMs,
  /** Absent where the person has not signed in yet, or not for as long as sessions last. */
  lastSignInAtMs: InstantMs.optional(),
})
export type User = z.infer<typeof User>

export const UserSession = z.strictObject({
  id: SessionId,
  createdAtMs: InstantMs,
  expiresAtMs: InstantMs,
  /** Where from, and what the browser called itself. */
  source: z.string(),
  browser: z.string(),
  /** How: `password`, `provider:ID` or `passkey`. */
  method: z.string(),
  /** Whether it is the one that asks. */
  isThis: z.boolean(),
})
export type UserSession = z.infer<typeof UserSession>

export const Invitation = z.strictObject({
  id: InvitationId,
  role: RoleName,
  /** Who may take it; whoever has the link, where absent. */
  email: z.string().optional(),
  usesMax: z.int(),
  uses: z.int(),
  createdAtMs: InstantMs,
  expiresAtMs: InstantMs,
})
export type Invitation = z.infer<typeof Invitation>

/** `si_`, the invitation's id, and 32 secret bytes. */
export const InvitationSecret = z.string().regex(/^si_[a-z2-7]{8,32}_[A-Za-z0-9_-]{43}$/, 'must look like si_..._...')

/** 32 secret bytes. */
export const ResetSecret = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be what the link of the e-mail ends with')

/** The page says once a minute that somebody is there, so less than two would lock those who are. A session ends after twelve hours anyway. */
export const IDLE_LOCK_SECONDS = { min: 120, max: 43_200 } as const

/** A page that a person reads to the end. */
export const NOTICE_CHARACTERS_MAX = 4_000

export const SignInRules = z.strictObject({
  /** Who needs a second factor: everybody of these roles. */
  secondFactorFor: z.array(RoleName).max(64),
  /** After so long without anybody there a session is locked: only a new sign-in goes on. Never where absent. */
  idleLockSeconds: z.int().min(IDLE_LOCK_SECONDS.min).max(IDLE_LOCK_SECONDS.max).optional(),
})
export type SignInRules = z.infer<typeof SignInRules>

/** A provider that people sign in with (OpenID Connect), as the hub's operator names it. */
export const ProviderId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,30}$/, 'must be lower-case letters, digits and -')

export const Provider = z.strictObject({ id: ProviderId, label: z.string() })
export type Provider = z.infer<typeof Provider>

/** An organisation that a person belongs to. */
export const Membership = z.strictObject({
  organisation: Name,
  role: RoleName,
  /** It is the one that the session, or the key, is in. */
  isThis: z.boolean(),
  /** Whoever runs the hub has disabled it: nobody gets in. */
  isDisabled: z.boolean(),
})
export type Membership = z.infer<typeof Membership>

/** One's own account. */
export const Account = z.strictObject({
  id: UserId,
  email: z.string(),
  name: z.string(),
  organisation: Name,
  role: RoleName,
  /** An authenticator that shows codes; passkeys are counted apart. */
  hasSecondFactor: z.boolean(),
  /** The organisation asks for a second factor, and this session is without: until it is set up, or proved, nothing else can be done. */
  needsSecondFactor: z.boolean(),
  /** The session was begun with the single sign-on of this organisation: passkeys and providers cannot be changed in it. */
  isBound: z.boolean(),
  recoveryCodesLeft: z.int().min(0),
  passkeys: z.int().min(0),
  /** With which the person can sign in. */
  providers: z.array(ProviderId),
})
export type Account = z.infer<typeof Account>
