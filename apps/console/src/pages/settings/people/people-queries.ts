/** People queries: one's own account, and the people of the organisation. All begin with `people`, which live-updates.ts has asked again. */
import { allRows } from '@skerry/client/page'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../../hub/hub-client.ts'

export const peopleQueries = {
  account: () =>
    queryOptions({ queryKey: ['people', 'account'], queryFn: ({ signal }) => hub.account.show({}, { signal }) }),
  organisations: () =>
    queryOptions({
      queryKey: ['people', 'account', 'organisations'],
      queryFn: async ({ signal }) => (await hub.account.organisations({}, { signal })).rows,
    }),
  ownSessions: () =>
    queryOptions({
      queryKey: ['people', 'account', 'sessions'],
      queryFn: async ({ signal }) => (await hub.account.sessions({}, { signal })).rows,
    }),
  ownKeys: () =>
    queryOptions({
      queryKey: ['people', 'account', 'keys'],
      queryFn: async ({ signal }) => (await hub.account.keys({}, { signal })).rows,
    }),
  passkeys: () =>
    queryOptions({
      queryKey: ['people', 'account', 'passkeys'],
      queryFn: async ({ signal }) => (await hub.account.passkeys({}, { signal })).rows,
    }),
  outlookOf: (reset: string) =>
    queryOptions({
      queryKey: ['reset', 'outlook', reset],
      queryFn: ({ signal }) => hub.account.showReset({ reset }, { signal }),
    }),
  providers: () =>
    queryOptions({
      queryKey: ['people', 'providers'],
      queryFn: async ({ signal }) => (await hub.account.providers({}, { signal })).rows,
    }),
  roles: () =>
    queryOptions({
      queryKey: ['people', 'roles'],
      queryFn: async ({ signal }) => (await hub.role.list({}, { signal })).rows,
    }),
  users: () =>
    queryOptions({
      queryKey: ['people', 'users'],
      queryFn: ({ signal }) => allRows((page) => hub.user.list(page, { signal })),
    }),
  sessionsOf: (user: string) =>
    queryOptions({
      queryKey: ['people', 'users', user, 'sessions'],
      queryFn: async ({ signal }) => (await hub.user.sessions({ user }, { signal })).rows,
    }),
  invitations: () =>
    queryOptions({
      queryKey: ['people', 'invitations'],
      queryFn: async ({ signal }) => (await hub.invitation.list({}, { signal })).rows,
    }),
  rules: () => queryOptions({ queryKey: ['people', 'rules'], queryFn: ({ signal }) => hub.user.rules({}, { signal }) }),
}
