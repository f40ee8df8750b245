import { SettingsScope } from '@skerry/contract/settings/device-settings'
import { fits, required } from '../../program/command.ts'

/** The place whose settings a command is about. */
export const PLACE = required('<place>', 'organisation, site:NAME or device:NAME', fits(SettingsScope))
