/** Procedures on the hub itself: its description, the caller, and the status in numbers. */
import { judgeAccess, permissionsOfCaller, rolesOf } from '@skerry/core/people/access'
import { fleetAlerts } from '../alerts/fleet-alerts.ts'
import { openOs, os } from '../http/implementer.ts'
import { watchLevels } from '../watch/watch-levels.ts'
import { fleetStatus } from './fleet-status.ts'
import { hubCertificates, hubHealth } from './hub-health.ts'
import { scopedStatus } from './scoped-status.ts'

export const hubHandlers = {
  about: openOs.hub.about.handler(({ context: { hub } }) => ({
    name: 'skerry',
    version: hub.config.version,
    caPem: hub.config.caPem,
    signingKeys: [hub.signing.publicKeyPem],
    timeMs: hub.clock.nowMs(),
    ...(hub.config.notice !== undefined && { notice: hub.config.notice }),
  })),
  me: os.hub.me.handler(({ context: { caller, scope } }) => ({
    organisationId: caller.organisationId,
    organisation: caller.organisation,
    kind: caller.kind,
    id: caller.id,
    name: caller.name,
    roles: rolesOf(caller),
    permissions: permissionsOfCaller(caller),
    ...(scope && { scope: scope.text }),
  })),
  status: os.hub.status.handler(async ({ context: { hub, caller, scope } }) => ({
    organisation: caller.organisation,
    hubVersion: hub.config.version,
    ...(await (scope
      ? scopedStatus({ db: hub.store.db, organisationId: caller.organisationId, scope }, hub.clock.nowMs())
      : fleetStatus(hub.store.db, caller.organisationId, hub.clock.nowMs()))),
  })),
  alerts: os.hub.alerts.handler(({ context: { hub, organisationId, caller } }) =>
    fleetAlerts(hub, {
      organisationId,
      mayReadKeys: judgeAccess(caller, 'key.read').ok,
      mayReadIntrusions: judgeAccess(caller, 'intrusion.read').ok,
      mayReadConnections: judgeAccess(caller, 'connection.read').ok,
    }),
  ),
  health: os.hub.health.handler(({ context: { hub } }) => hubHealth(hub)),
  certificates: os.hub.certificates.handler(({ context: { hub } }) => hubCertificates(hub)),
  watch: os.hub.watch.handler(({ context, signal }) => watchLevels(context, signal)),
}
