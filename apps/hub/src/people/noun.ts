/** People: their accounts, memberships and invitations. */
import { userTag } from '@skerry/contract/values/entity-tag'
import { UserId } from '@skerry/contract/values/ids'
import type { FindTag, Noun } from '../nouns/noun.ts'
import { accountHandlers } from './account-handlers.ts'
import { factorHandlers } from './factors/factor-handlers.ts'
import { passkeyHandlers } from './factors/passkey-handlers.ts'
import { invitationHandlers } from './invitations/invitation-handlers.ts'
import { joinHandlers } from './invitations/join-handlers.ts'
import { membershipHandlers } from './memberships/membership-handlers.ts'
import { findMember } from './people-store.ts'
import { resetHandlers } from './reset-handlers.ts'
import { userHandlers } from './user-handlers.ts'

const findUserTag: FindTag = async ({ db, organisationId, named }) => {
  const id = UserId.safeParse(named('user')).data
  const member = id && (await findMember(db, organisationId, id))
  return member && userTag(member)
}

type Handlers = {
  account: typeof accountHandlers &
    typeof factorHandlers &
    typeof joinHandlers &
    typeof passkeyHandlers &
    typeof resetHandlers &
    typeof membershipHandlers
  user: typeof userHandlers
  invitation: typeof invitationHandlers
}

const handlers: Handlers = {
  account: {
    ...accountHandlers,
    ...factorHandlers,
    ...joinHandlers,
    ...passkeyHandlers,
    ...resetHandlers,
    ...membershipHandlers,
  },
  user: userHandlers,
  invitation: invitationHandlers,
}

export const peopleNoun = {
  handlers,
  purge: [
    ['user_sessions', ['id']],
    ['invitations', ['id']],
    ['sign_in_rules', ['organisation_id']],
  ],
  // The purge removes members one by one: a person may belong elsewhere.
  kept: ['memberships'],
  entityTags: { user: findUserTag },
} satisfies Noun
