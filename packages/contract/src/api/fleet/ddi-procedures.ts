/** Procedures on DDI devices: devices without an agent, which their own updater drives. */
import * as z from 'zod'
import { DdiDevice, DdiSpec, DdiToken } from '../../ddi/ddi-device.ts'
import { procedure } from '../procedure.ts'
import { DeviceReference } from './device-procedures.ts'

export const ddiProcedures = {
  add: procedure({
    method: 'POST',
    path: '/v1/ddi-devices',
    access: 'ddi.write',
    // The site is in the body, so a caller whose role has a scope cannot add devices.
    scope: 'none',
    approval: 'none',
    summary: 'Add a device without an agent, whose updater polls the DDI port; answers its target token once',
    errors: ['site_unknown', 'ddi_taken', 'device_quota_reached'],
  })
    .input(DdiSpec)
    .output(DdiToken),
  get: procedure({
    method: 'GET',
    path: '/v1/ddi-devices/{device}',
    access: 'fleet.read',
    scope: 'named',
    approval: 'none',
    summary: 'Show a DDI device: its image, its order, its attributes and its own words',
    errors: ['device_unknown', 'ddi_unknown'],
  })
    .input(z.strictObject({ device: DeviceReference }))
    .output(DdiDevice),
  token: procedure({
    method: 'POST',
    path: '/v1/ddi-devices/{device}/token',
    access: 'ddi.write',
    scope: 'named',
    approval: 'none',
    summary: 'Replace the target token of a DDI device; the old one ends at once',
    errors: ['device_unknown', 'ddi_unknown'],
  })
    .input(z.strictObject({ device: DeviceReference }))
    .output(DdiToken),
}
