/** People: what the handlers of this folder share. */
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
  /** Loaded with the first person. */
  auth(): Promise<PeopleAuth>
  /** With whom people sign in besides. */
  readonly providerNames: readonly Pick<ProviderConfig, 'id' | 'label' | 'issuer'>[]
  /** Loaded with the first who does. */
  providers(): Promise<readonly SsoProvider[]>
  readonly tickets: TicketOffice
  readonly keys: PeopleKeys
  /** Undefined where the hub was told of no server. */
  readonly mail: Mail | undefined
  /** Does it beside the answer. What is too much is not done: it is a courtesy, and can be asked for again. */
  later(work: () => Promise<void>): void
}

/** Letters that wait for a slow server. */
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
