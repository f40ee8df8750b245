/** Procedures on the settings of devices. */
import * as z from 'zod'
import {
  DeviceSettings,
  SettingsLayer,
  SettingsOnDevice,
  SettingsPlan,
  SettingsScope,
} from '../../settings/device-settings.ts'
import { Page, pageOf } from '../../values/names.ts'
import { procedure } from '../procedure.ts'
import { DeviceReference } from './device-procedures.ts'

export const settingsProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/settings',
    access: 'fleet.read',
    scope: 'whole',
    approval: 'none',
    summary: 'List the settings of the organisation, of sites and of devices',
    errors: [],
  })
    .input(z.strictObject({ ...Page }))
    .output(pageOf(SettingsLayer)),
  get: procedure({
    method: 'GET',
    path: '/v1/settings/{settings}',
    access: 'fleet.read',
    scope: 'whole',
    approval: 'none',
    entity: 'settings',
    summary: 'Show the settings of one place',
    errors: ['settings_unknown'],
  })
    .input(z.strictObject({ settings: SettingsScope }))
    .output(SettingsLayer),
  plan: procedure({
    method: 'POST',
    path: '/v1/settings/{settings}/plan',
    access: 'fleet.read',
    scope: 'none',
    approval: 'none',
    isReadOnly: true,
    summary: 'Show the devices that settings would change',
    errors: ['site_unknown', 'device_unknown'],
  })
    .input(z.strictObject({ settings: SettingsScope, spec: DeviceSettings }))
    .output(SettingsPlan),
  set: procedure({
    method: 'PUT',
    path: '/v1/settings/{settings}',
    access: 'device.write',
    scope: 'none',
    approval: 'none',
    entity: 'settings',
    summary: 'Set the settings of one place as a whole; none at all removes them',
    errors: ['site_unknown', 'device_unknown'],
  })
    .input(z.strictObject({ settings: SettingsScope, spec: DeviceSettings }))
    .output(
      z.strictObject({
        change: z.enum(['created', 'updated', 'removed', 'unchanged']),
        layer: SettingsLayer.optional(),
      }),
    ),
  ofDevice: procedure({
    method: 'GET',
    path: '/v1/devices/{device}/settings',
    access: 'fleet.read',
    scope: 'named',
    approval: 'none',
    summary: 'Show the settings that count on a device, the place of each, and the facts that it read',
    errors: ['device_unknown'],
  })
    .input(z.strictObject({ device: DeviceReference }))
    .output(SettingsOnDevice),
}
