/** Procedures on entitlements. */
import * as z from 'zod'
import { EmergencyPeriod, ENTITLEMENTS_MAX, Entitlement, EntitlementEnvelope } from '../../market/entitlement.ts'
import { ShortName } from '../../market/listing.ts'
import { Reason } from '../../values/names.ts'
import { DeviceReference } from '../fleet/device-procedures.ts'
import { procedure } from '../procedure.ts'

export const entitlementProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/entitlements',
    access: 'market.read',
    scope: 'whole',
    approval: 'none',
    summary: 'List the entitlements to listings, with their ends, and the emergency periods of devices',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(
      z.strictObject({
        rows: z.array(Entitlement).max(ENTITLEMENTS_MAX),
        /** Those that have not ended. */
        emergencies: z.array(EmergencyPeriod).max(ENTITLEMENTS_MAX),
      }),
    ),
  add: procedure({
    method: 'POST',
    path: '/v1/entitlements',
    access: 'market.write',
    scope: 'none',
    approval: 'none',
    summary: "Add a publisher's signed entitlement",
    errors: ['entitlement_refused'],
  })
    .input(z.strictObject({ envelope: EntitlementEnvelope }))
    .output(Entitlement),
  emergency: procedure({
    method: 'POST',
    path: '/v1/entitlements/emergency',
    access: 'market.install',
    scope: 'none',
    approval: 'none',
    summary: 'Begin the emergency period of a device, in which it needs no entitlement to a listing; once',
    errors: ['device_unknown', 'entitlement_refused'],
  })
    .input(z.strictObject({ listing: ShortName, device: DeviceReference, reason: Reason }))
    .output(EmergencyPeriod),
}
