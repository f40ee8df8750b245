/**
 * Own calls: calls of the hub to itself, with a key, for work that it does on behalf of a record, such as a Git source.
 * They pass the same guard, rules and audit as the calls of the API, and no network.
 */
import { createRouterClient } from '@orpc/server'
import type { CallContext, SkerryClient } from '@skerry/client/client'
import type { Hub } from '../hub.ts'
import { watchCall } from './admission/call-watch.ts'
import type { OpenCall } from './call.ts'
import { router } from './router.ts'

export type OwnCaller = {
  /** The text of an API key. */
  key: string
  /** Stands in the audit record of each change. */
  cause: Readonly<Record<string, string>>
}

/** The hub is an argument, so that a leader writes through its own store. */
export type OwnCalls = (hub: Hub, caller: OwnCaller) => SkerryClient

export const ownCalls: OwnCalls = (hub, caller) =>
  createRouterClient(router, {
    context: (wish: CallContext) => callOf(hub, caller, wish),
    interceptors: [watchCall],
  }) as SkerryClient

/** No browser and no address: the call comes from this process. */
function callOf(hub: Hub, { key, cause }: OwnCaller, { ifMatch, ifNoneMatch }: CallContext): OpenCall {
  return {
    hub,
    requestId: hub.ids.request(),
    source: '127.0.0.1',
    authorization: `Bearer ${key}`,
    browser: {
      cookie: undefined,
      name: undefined,
      host: undefined,
      origin: undefined,
      fetchSite: undefined,
      mark: undefined,
      organisation: undefined,
    },
    precondition: { ifMatch, ifNoneMatch },
    setTag: () => undefined,
    setCookie: () => undefined,
    trail: { organisationId: undefined, actor: { kind: 'anonymous', id: '', name: '' }, isRecorded: false },
    entry: { isCounted: false, refusal: undefined, prepared: {} },
    cause,
  }
}
