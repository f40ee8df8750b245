/** Access options: the arguments that several commands of remote access share. */

import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { AccessGrantId } from '@skerry/contract/values/ids'
import { Reason } from '@skerry/contract/values/names'
import { fits, required, value } from '../../program/command.ts'

export const DEVICE = required('<device>', 'name or id of the device', fits(DeviceReference))

export const GRANT = value(
  '--grant <grant>',
  'use this grant (default: the newest that covers it)',
  fits(AccessGrantId),
)

export const WHY = value('--reason <text>', 'get a grant of an hour for this reason, if none covers it', fits(Reason))
