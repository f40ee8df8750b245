/** Procedures on devices that are expected. */
import * as z from 'zod'
import { EXPECTED_AT_ONCE_MAX, ExpectedDevice, ExpectedDeviceSpec } from '../../devices/expected-device.ts'
import { ExpectedDeviceId } from '../../values/ids.ts'
import { Page, pageOf } from '../../values/names.ts'
import { procedure } from '../procedure.ts'

export const expectedProcedures = {
  add: procedure({
    method: 'POST',
    path: '/v1/expected-devices',
    access: 'token.write',
    scope: 'none',
    approval: 'none',
    summary: 'Add expected devices by serial number or key; they join without approval. All of them, or none',
    errors: ['site_unknown', 'expected_exists'],
  })
    .input(z.strictObject({ devices: z.array(ExpectedDeviceSpec).min(1).max(EXPECTED_AT_ONCE_MAX) }))
    .output(z.strictObject({ devices: z.array(ExpectedDevice) })),
  list: procedure({
    method: 'GET',
    path: '/v1/expected-devices',
    access: 'fleet.read',
    scope: 'none',
    approval: 'none',
    summary: 'List expected devices, and which of them have joined',
    errors: [],
  })
    .input(z.strictObject(Page))
    .output(pageOf(ExpectedDevice)),
  remove: procedure({
    method: 'DELETE',
    path: '/v1/expected-devices/{expected}',
    access: 'token.write',
    scope: 'none',
    approval: 'none',
    summary: 'Remove an expected device from the list; a device that has joined stays',
    errors: ['expected_unknown'],
  })
    .input(z.strictObject({ expected: ExpectedDeviceId }))
    .output(z.strictObject({})),
}
