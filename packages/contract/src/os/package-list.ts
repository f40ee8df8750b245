/** Package list: Debian packages with their versions, as a version of an operating system. */
import * as z from 'zod'

/** [Debian Policy 5.6.1] With an architecture, as dpkg prints packages of another one: `libc6:i386`. */
const PackageName = z
  .string()
  .max(120)
  .regex(/^[a-z0-9][a-z0-9+.-]+(:[a-z0-9-]+)?$/, { error: 'must be the name of a Debian package' })

/** [Debian Policy 5.6.12] */
const PackageVersion = z
  .string()
  .max(120)
  .regex(/^[0-9][A-Za-z0-9.+:~-]*$/, { error: 'must be a whole version of a Debian package, such as 1.2-3' })

/** A device of one purpose has some hundred packages; a whole Debian desktop has two thousand. */
export const PACKAGES_MAX = 2_000

/** Strict: a device installs no list with a field that it does not know. */
export const PackageList = z
  .strictObject({
    format: z.literal('debian'),
    /** The name of this state, for people, such as `2026.11`. */
    version: z.string().min(1).max(64),
    description: z.string().max(500).optional(),
    /** Exactly these versions are installed, also if that is a downgrade. */
    packages: z
      .array(z.strictObject({ name: PackageName, version: PackageVersion }))
      .min(1)
      .max(PACKAGES_MAX),
    /** These packages must stay as they are. A list that would change one is rejected. */
    hold: z.array(PackageName).max(PACKAGES_MAX).default([]),
    /** if-needed: the device restarts if a package demands that. never: a person restarts it. */
    restart: z.enum(['if-needed', 'never']).default('if-needed'),
  })
  .refine(({ packages }) => new Set(packages.map(({ name }) => name)).size === packages.length, {
    error: 'two packages have one name',
    path: ['packages'],
  })
  .refine(({ packages, hold }) => !packages.some(({ name }) => hold.includes(name)), {
    error: 'a package cannot be held and installed',
    path: ['hold'],
  })
export type PackageList = z.infer<typeof PackageList>
