/** Procedures on the hub itself: what it is, who calls, how things stand. */
import { permissionsOf } from '@skerry/contract/permissions'
import { openOs, os } from '../http/implementer.ts'
import { watchLevels } from '../watch/watch-levels.ts'
import { fleetStatus } from './fleet-status.ts'

export const hubHandlers = {
  about: openOs.hub.about.handler(({ context: { hub } }) => ({
    name: 'skerry',
    version: hub.config.version,
    caPem: hub.config.caPem,
    signingKeys: [hub.signing.publicKeyPem],
    timeMs: hub.clock.nowMs(),
  })),
  me: os.hub.me.handler(({ context: { caller } }) => ({
    organisationId: caller.organisationId,
    organisation: caller.organisation,
    keyId: caller.keyId,
    name: caller.name,
    role: caller.role,
    permissions: [...permissionsOf[caller.role]],
  })),
  status: os.hub.status.handler(async ({ context: { hub, caller } }) => ({
    organisation: caller.organisation,
    hubVersion: hub.config.version,
    ...(await fleetStatus(hub.store.db, caller.organisationId, hub.clock.nowMs())),
  })),
  watch: os.hub.watch.handler(({ context, signal }) => watchLevels(context, signal)),
}
