/** Operating systems: signed images that a device installs as a whole. */
import * as z from 'zod'
import type { OsImage } from '../os/os-image.ts'
import type { KindRow } from './kind-row.ts'

/** The image. A version has no other file. */
export const SWU_PATH = 'image.swu'

/** A deployment of an image has no settings. */
export const OsSpec = z.object({})
export type OsSpec = z.infer<typeof OsSpec>

export const osKind = {
  mainFile: SWU_PATH,
  // Only devices with an installer of images report it. Agents do not have one.
  capability: 'os',
  serves: false,
  mayShadow: false,
  // The device checks the signature and the hashes of an image. There is nothing to replay.
  hasGoldenCases: false,
  lifecycle: ['fetching', 'verifying', 'loading', 'probation', 'active'],
  spec: OsSpec,
  // The hub read the image when it was pushed.
  detail: { os: z.custom<OsImage>() },
} as const satisfies KindRow
