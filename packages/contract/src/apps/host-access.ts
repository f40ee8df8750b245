/**
 * Host access: the parts of the device that a service gets beside its own files. Each part is written out, a person
 * needs a permission of their own to push it, and the device itself decides last.
 */
import * as z from 'zod'

/** A device file. `..` would name another file than the reader expects. */
const DeviceFile = z
  .string()
  .max(255)
  .regex(/^\/dev(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._:@+-]+)+$/, 'must be a file below /dev, such as /dev/ttyUSB0')

export const HostDevice = z.strictObject({
  host: DeviceFile,
  container: DeviceFile,
  /** Read, write and make device files. */
  rights: z
    .string()
    .regex(/^r?w?m?$/, 'must be of the letters r, w and m')
    .min(1),
})
export type HostDevice = z.infer<typeof HostDevice>

/** An absolute path in its normal form; the root itself is none. */
const HostPath = z
  .string()
  .max(255)
  .regex(
    /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._@:+-]+)+$/,
    'must be an absolute path without . and .. parts, such as /srv/data',
  )

export const HostFolder = z.strictObject({ host: HostPath, target: HostPath, readOnly: z.boolean().optional() })
export type HostFolder = z.infer<typeof HostFolder>

/** [Docker Engine API, DeviceRequest] All of them, some of them, or those of these ids. */
export const HostGpus = z.strictObject({
  driver: z.literal('nvidia').optional(),
  count: z.union([z.literal('all'), z.int().min(1).max(64)]).optional(),
  ids: z
    .array(z.string().regex(/^[A-Za-z0-9-]{1,64}$/))
    .min(1)
    .max(64)
    .optional(),
})
export type HostGpus = z.infer<typeof HostGpus>

/** 32 of each are more than a machine has. */
const PARTS_MAX = 32

export const HostAccess = z.strictObject({
  devices: z.array(HostDevice).min(1).max(PARTS_MAX).optional(),
  gpus: HostGpus.optional(),
  /** The runtime of NVIDIA, which some machines need for their GPU. */
  runtime: z.literal('nvidia').optional(),
  folders: z.array(HostFolder).min(1).max(PARTS_MAX).optional(),
  /** [capabilities(7)] Without `CAP_`. */
  capabilities: z
    .array(z.string().regex(/^(?!ALL$)[A-Z_]{3,32}$/, 'must be a name such as NET_ADMIN'))
    .min(1)
    .max(PARTS_MAX)
    .optional(),
  hostNetwork: z.literal(true).optional(),
  privileged: z.literal(true).optional(),
})
export type HostAccess = z.infer<typeof HostAccess>
