/** Procedures on the hub itself: the caller, the status, keys, audit. */
import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { Alerts } from '../alerts/alert.ts'
import { HubCertificates, HubHealth } from '../hub/hub-health.ts'
import { Key, Me } from '../people/key.ts'
import { RoleName } from '../people/role.ts'
import { Rollout } from '../rollouts/rollout.ts'
import { KeyId } from '../values/ids.ts'
import { InstantMs, Name, Page, pageOf } from '../values/names.ts'
import { procedure } from './procedure.ts'

const count = z.int().min(0)

/** The status in numbers, which show unknown facts as unknown. */
export const Status = z.strictObject({
  organisation: Name,
  hubVersion: z.string(),
  sites: count,
  devices: z.strictObject({
    online: count,
    stale: count,
    /** The stale devices whose agents were stopped in order. Older hubs do not send it. */
    stopped: count.optional(),
    never: count,
    pending: count,
    conflictPaused: count,
    quarantined: count,
    revoked: count,
  }),
  /** Items on devices, as last reported. `silent`: the items on silent devices. A hub without silent devices leaves it out. */
  items: z.strictObject({ active: count, moving: count, failed: count, silent: count.optional() }),
  models: count,
  deployments: count,
  /** Sources and sinks on devices that report now and that do not work there. Older hubs do not send it. */
  down: z.strictObject({ sources: count, sinks: count }).optional(),
  /** Rollouts that have not ended, newest first, at most 20. */
  rollouts: z.array(Rollout).max(20),
})
export type Status = z.infer<typeof Status>

/**
 * For each noun a number that rises when something of it may have changed. It carries no content: a client that shows a
 * noun fetches it again. A client may miss a number, because the next one is higher too.
 */
export const Levels = z.strictObject({
  devices: count,
  sites: count,
  rollouts: count,
  batches: count,
  deployments: count,
  models: count,
  tokens: count,
  keys: count,
  secrets: count,
  /** The sequence of the newest audit record. */
  audit: count,
})
export type Levels = z.infer<typeof Levels>

export const hubProcedures = {
  about: procedure({
    method: 'GET',
    path: '/v1/about',
    access: 'public',
    scope: 'none',
    approval: 'none',
    summary: 'Name the hub, its version and its certificate authority',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(
      z.strictObject({
        name: z.literal('skerry'),
        version: z.string(),
        caPem: z.string(),
        /** Public keys (PEM, SPKI) that versions are signed with, so that pulled files can be verified anywhere. */
        signingKeys: z.array(z.string()).min(1).max(16),
        timeMs: InstantMs,
        /** The notice that all people see before they sign in; absent if there is none. */
        notice: z.string().optional(),
      }),
    ),
  me: procedure({
    method: 'GET',
    path: '/v1/me',
    access: 'caller',
    scope: 'whole',
    approval: 'none',
    summary: 'Show the caller and its permissions',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(Me),
  status: procedure({
    method: 'GET',
    path: '/v1/status',
    access: 'fleet.read',
    scope: 'filtered',
    approval: 'none',
    summary: 'Show the state of the fleet',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(Status),
  alerts: procedure({
    method: 'GET',
    path: '/v1/alerts',
    access: 'fleet.read',
    scope: 'none',
    approval: 'none',
    summary:
      'List the alerts that need a person now, worst first; alerts about API keys only for callers who may read keys',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(Alerts),
  health: procedure({
    method: 'GET',
    path: '/v1/health',
    access: 'hub.read',
    scope: 'none',
    approval: 'none',
    summary: 'Show the state of the hub itself: storage, queues, connections, memory',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(HubHealth),
  certificates: procedure({
    method: 'GET',
    path: '/v1/certificates',
    access: 'fleet.read',
    scope: 'whole',
    approval: 'none',
    summary: 'List the certificates of the hub, and the keys that it signs with',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(HubCertificates),
  watch: procedure({
    method: 'GET',
    path: '/v1/watch',
    access: 'caller',
    scope: 'whole',
    approval: 'none',
    summary: 'Stream change counters: their current levels, then each rise, at most twice a second',
    errors: ['watchers_full'],
  })
    .input(z.strictObject({}))
    .output(eventIterator(Levels)),
}

export const keyProcedures = {
  create: procedure({
    method: 'POST',
    path: '/v1/keys',
    access: 'key.write',
    scope: 'none',
    approval: 'roles',
    summary: 'Create an API key; its secret is shown only once',
    errors: ['approval_needed', 'key_exists', 'role_unknown', 'role_refused'],
  })
    .input(
      z.strictObject({ name: Name, role: RoleName, expiresInSeconds: z.int().min(60).max(315_360_000).optional() }),
    )
    .output(z.strictObject({ secret: z.string(), key: Key })),
  list: procedure({
    method: 'GET',
    path: '/v1/keys',
    access: 'key.read',
    scope: 'none',
    approval: 'none',
    summary: 'List API keys',
    errors: [],
  })
    .input(z.strictObject(Page))
    .output(pageOf(Key)),
  revoke: procedure({
    method: 'POST',
    path: '/v1/keys/{key}/revoke',
    access: 'key.write',
    scope: 'none',
    approval: 'none',
    entity: 'key',
    summary: 'Revoke an API key',
    errors: ['key_unknown', 'role_refused'],
  })
    .input(z.strictObject({ key: KeyId }))
    .output(Key),
}
