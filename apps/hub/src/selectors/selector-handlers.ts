/** Handlers of the procedures on selectors. */
import { os } from '../http/implementer.ts'
import { fleetValues } from './fleet-values.ts'
import { previewSelector } from './selector-preview.ts'

export const selectorHandlers = {
  preview: os.selector.preview.handler(({ context: { hub, organisationId, scope }, input }) =>
    previewSelector(hub.store.db, { organisationId, nowMs: hub.clock.nowMs(), scope, ...input }),
  ),
  values: os.selector.values.handler(({ context: { hub, organisationId, scope } }) =>
    fleetValues(hub.store.db, organisationId, hub.clock.nowMs(), scope),
  ),
}
