/** People: the parts that the handlers of this folder share. */
import type { Log } from '@skerry/platform/process/log'
import type { Identifiers } from '../identity/identifiers.ts'
import type { SsoProvider } from '../sso/provider.ts'
import type { ProviderConfig } from '../sso/provider-file.ts'
import type { Store } from '../store/store.ts'
import { createMail, type Mail, type MailOptions } from './mail.ts'
import type { PeopleAuth } from './people-auth.ts'
import type { PeopleKeys } from './people-keys.ts'
import { openTicketOffice, type TicketOffice } from './ticket.ts'

export type People = {
  /** Loads the library at the first call. */
  auth(): Promise<PeopleAuth>
  /** The identity providers for signing in. */
  readonly providerNames: readonly Pick<ProviderConfig, 'id' | 'label' | 'issuer'>[]
  /** Loads the providers at the first call. */
  providers(): Promise<readonly SsoProvider[]>
  readonly tickets: TicketOffice
  readonly keys: PeopleKeys
  /** Undefined if the hub has no mail server. */
  readonly mail: Mail | undefined
  /** Does the work after the answer. If too much work is pending, it is skipped: the person can request it again. */
  later(work: () => Promise<void>): void
}

/** The maximum number of letters that wait for a slow server. */
const LATER_MAX = 100

type Parts = {
  store: Store
  keys: PeopleKeys
  ids: Identifiers
  log: Log
  clock: { nowMs(): number }
  mail: MailOptions | undefined
  providers: readonly ProviderConfig[]
}

export function createPeople({ store, keys, ids, log, clock, mail, providers }: Parts): People {
  let opened: Promise<readonly SsoProvider[]> | undefined
  let auth: Promise<PeopleAuth> | undefined
  let underWay = 0
  return {
    auth: () => (auth ??= import('./people-auth.ts').then((loaded) => loaded.openPeopleAuth(store, keys, ids))),
    providerNames: providers,
    providers: () =>
      (opened ??= import('../sso/provider.ts').then(({ createProvider }) =>
        providers.map((config) => createProvider(config, clock)),
      )),
    tickets: openTicketOffice(keys.tickets),
    keys,
    mail: mail && createMail(mail, log),
    later(work) {
      if (underWay >= LATER_MAX) return log.warn('people_too_busy', {})
      underWay += 1
      void work()
        .catch((error: unknown) => log.error('people_work_failed', { error }))
        .finally(() => (underWay -= 1))
    },
  }
}
