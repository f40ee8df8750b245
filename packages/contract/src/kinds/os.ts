/** Operating systems: images that a device installs as a whole, or lists of packages with their versions. */
import * as z from 'zod'
import type { OsImage } from '../os/os-image.ts'
import type { KindRow } from './kind-row.ts'

/** The image of SWUpdate. A version has no other file. */
export const SWU_PATH = 'image.swu'

/** The list of Debian packages. A version has no other file. */
export const PACKAGES_PATH = 'packages.json'

/** The bundle of RAUC, and the facts about it. A version has both files. */
export const RAUC_PATH = 'image.raucb'
export const RAUC_FACTS_PATH = 'image.json'

/** A deployment of an image has no settings. */
export const OsSpec = z.object({})
export type OsSpec = z.infer<typeof OsSpec>

export const osKind = {
  mainFile: SWU_PATH,
  otherMainFiles: [PACKAGES_PATH, RAUC_PATH],
  // Only devices with an updater report it. The command line of an agent must allow it.
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
