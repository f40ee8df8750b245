/** Procedures on the people of an organisation: by whoever may manage them. What a person does to the own account is beside it. */
import * as z from 'zod'
import { RoleName } from '../../people/role.ts'
import { Email, Invitation, SignInRules, User, UserSession } from '../../people/user.ts'
import { InvitationId, SessionId, UserId } from '../../values/ids.ts'
import { Page, pageOf } from '../../values/names.ts'
import { procedure } from '../procedure.ts'

/** A month: whoever has not come by then is asked again. */
const INVITATION_SECONDS_MAX = 30 * 24 * 3_600

/** A week, over a holiday. */
export const INVITATION_SECONDS = 7 * 24 * 3_600

export const userProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/users',
    access: 'user.read',
    scope: 'none',
    approval: 'none',
    summary: 'List people by e-mail',
    errors: [],
  })
    .input(z.strictObject(Page))
    .output(pageOf(User)),
  show: procedure({
    method: 'GET',
    path: '/v1/users/{user}',
    access: 'user.read',
    scope: 'none',
    approval: 'none',
    entity: 'user',
    summary: 'Show a person',
    errors: ['user_unknown'],
  })
    .input(z.strictObject({ user: UserId }))
    .output(User),
  setRole: procedure({
    method: 'PUT',
    path: '/v1/users/{user}/role',
    access: 'user.write',
    scope: 'none',
    approval: 'roles',
    entity: 'user',
    summary: 'Give a person another role, from the next request',
    errors: ['approval_needed', 'user_unknown', 'role_unknown', 'role_refused', 'owner_last'],
  })
    .input(z.strictObject({ user: UserId, role: RoleName }))
    .output(User),
  remove: procedure({
    method: 'DELETE',
    path: '/v1/users/{user}',
    access: 'user.write',
    scope: 'none',
    approval: 'none',
    entity: 'user',
    summary: 'Remove a person from the organisation; all sessions end at once',
    errors: ['user_unknown', 'role_refused', 'owner_last'],
  })
    .input(z.strictObject({ user: UserId }))
    .output(z.strictObject({})),
  sessions: procedure({
    method: 'GET',
    path: '/v1/users/{user}/sessions',
    access: 'user.read',
    scope: 'none',
    approval: 'none',
    summary: 'List the sessions of a person',
    errors: ['user_unknown'],
  })
    .input(z.strictObject({ user: UserId }))
    .output(z.strictObject({ rows: z.array(UserSession) })),
  endSession: procedure({
    method: 'DELETE',
    path: '/v1/users/{user}/sessions/{session}',
    access: 'user.write',
    scope: 'none',
    approval: 'none',
    summary: 'End a session of a person, from the next request',
    errors: ['user_unknown', 'session_unknown', 'role_refused'],
  })
    .input(z.strictObject({ user: UserId, session: SessionId }))
    .output(z.strictObject({})),
  rules: procedure({
    method: 'GET',
    path: '/v1/sign-in-rules',
    access: 'user.read',
    scope: 'none',
    approval: 'none',
    summary: 'Show which roles need a second factor, and when idle sessions are locked',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(SignInRules),
  setRules: procedure({
    method: 'PUT',
    path: '/v1/sign-in-rules',
    access: 'user.write',
    scope: 'none',
    approval: 'none',
    summary: 'Set which roles need a second factor, and when idle sessions are locked; omitted rules are off',
    errors: ['role_unknown', 'role_refused'],
  })
    .input(SignInRules)
    .output(SignInRules),
}

export const invitationProcedures = {
  create: procedure({
    method: 'POST',
    path: '/v1/invitations',
    access: 'user.write',
    scope: 'none',
    approval: 'roles',
    summary: 'Invite people; the link is shown only once, and sent to the e-mail address if the hub can send e-mail',
    errors: ['approval_needed', 'role_unknown', 'role_refused'],
  })
    .input(
      z.strictObject({
        role: RoleName,
        email: Email.optional(),
        /** More than a shift at once is a mistake. */
        usesMax: z.int().min(1).max(100).default(1),
        expiresInSeconds: z.int().min(60).max(INVITATION_SECONDS_MAX).default(INVITATION_SECONDS),
      }),
    )
    .output(z.strictObject({ link: z.string(), isSent: z.boolean(), invitation: Invitation })),
  list: procedure({
    method: 'GET',
    path: '/v1/invitations',
    access: 'user.read',
    scope: 'none',
    approval: 'none',
    summary: 'List valid invitations',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(z.strictObject({ rows: z.array(Invitation) })),
  revoke: procedure({
    method: 'DELETE',
    path: '/v1/invitations/{invitation}',
    access: 'user.write',
    scope: 'none',
    approval: 'none',
    summary: 'Revoke an invitation',
    errors: ['invitation_unknown', 'role_refused'],
  })
    .input(z.strictObject({ invitation: InvitationId }))
    .output(z.strictObject({})),
}
