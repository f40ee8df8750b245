/** Systems: versions of other kinds that devices install in an order and return as a whole. */
import * as z from 'zod'
import type { SystemRelease } from '../systems/system-release.ts'
import type { KindRow } from './kind-row.ts'

/** The parts. A version has no other file. */
export const SYSTEM_PATH = 'system.json'

/** No device gets an item of this kind: the hub sends the parts. */
export const SystemSpec = z.object({})
export type SystemSpec = z.infer<typeof SystemSpec>

export const systemKind = {
  mainFile: SYSTEM_PATH,
  // No agent reports it. The parts need capabilities of their own.
  capability: 'system',
  serves: false,
  mayShadow: false,
  // Each part has its own proof.
  hasGoldenCases: false,
  lifecycle: ['fetching', 'verifying', 'loading', 'probation', 'active'],
  spec: SystemSpec,
  // The hub read the file by its schema when it was pushed.
  detail: { system: z.custom<SystemRelease>() },
} as const satisfies KindRow
