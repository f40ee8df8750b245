/** The settings that a device should have, and what it reads because of them. */
import * as z from 'zod'
import {
  CHECKS_MAX,
  CheckResult,
  DeviceSettings,
  FACTS_MAX,
  FactReading,
  FactRule,
  LOCKS_MAX,
  LockRule,
  Override,
  PLAIN_SETTINGS,
} from '../settings/device-settings.ts'
import { CONNECTIONS_MAX, NetworkConnection, SystemReading } from '../settings/system-settings.ts'
import { Digest } from '../values/digest.ts'
import { DeviceId } from '../values/ids.ts'
import type { HeldKind } from './held-document.ts'

/** Facts and locks are united over three places. */
const DEVICE_FACTS_MAX = 3 * FACTS_MAX

/** One for each setting of the machine, and room for later ones. */
const SYSTEM_READINGS_MAX = 16

/** Not strict: a later hub may add fields. */
export const SettingsDocument = z.object({
  v: z.literal(1),
  deviceId: DeviceId,
  revision: Digest,
  /** A later hub may add settings, which an older agent leaves out. */
  settings: z.object({
    ...DeviceSettings.shape,
    facts: z.array(FactRule).max(DEVICE_FACTS_MAX).optional(),
    locks: z
      .array(LockRule)
      .max(3 * LOCKS_MAX)
      .optional(),
    network: z
      .array(NetworkConnection)
      .max(3 * CONNECTIONS_MAX)
      .optional(),
  }),
})
export type SettingsDocument = z.infer<typeof SettingsDocument>

/** Not strict: a later device may report more. */
export const HeldSettings = z.object({
  revision: Digest.optional(),
  facts: z.array(FactReading).max(DEVICE_FACTS_MAX).default([]),
  checks: z.array(CheckResult).max(CHECKS_MAX).default([]),
  overrides: z.array(Override).max(PLAIN_SETTINGS.length).default([]),
  /** Of the settings that change the machine. Agents up to 0.1.0 do not send them. */
  system: z.array(SystemReading).max(SYSTEM_READINGS_MAX).default([]),
  /** Apart from the others, because older hubs know no such setting. */
  proxy: SystemReading.optional(),
})
export type HeldSettings = z.infer<typeof HeldSettings>

/** The row of this document. */
export const SETTINGS = {
  name: 'settings',
  document: SettingsDocument,
  held: HeldSettings,
} satisfies HeldKind<SettingsDocument, HeldSettings>
