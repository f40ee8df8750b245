/** Operating system images: an update of the whole software of a device, as a version that the hub stores. */
import * as z from 'zod'
import { PackageList } from './package-list.ts'
import { RaucImage } from './rauc-image.ts'

/** A version as the maker of the image wrote it. SWUpdate accepts any text; this fits on a screen. */
const ImageVersion = z.string().min(1).max(64)

/** One file inside the image. The device checks its SHA-256 before it writes it. */
const ImagePart = z.strictObject({ name: z.string().max(255), sizeBytes: z.int().min(0) })

/** Images have a handful of parts. */
export const IMAGE_PARTS_MAX = 256

/** The facts that the hub read from an image when it was pushed. */
export const SwuImage = z.strictObject({
  /** [SWUpdate] A cpio archive with a signed description, a `.swu` file. */
  format: z.literal('swupdate'),
  version: ImageVersion,
  description: z.string().max(500).optional(),
  /** The hardware revisions that the image accepts. The device compares them with its own. */
  hardware: z.array(z.string().max(64)).max(64),
  parts: z.array(ImagePart).max(IMAGE_PARTS_MAX),
  /** [DDI] Clients of the protocol expect these hashes. The signature of the image does not depend on them. */
  sha1: z.string().regex(/^[0-9a-f]{40}$/),
  md5: z.string().regex(/^[0-9a-f]{32}$/),
})
export type SwuImage = z.infer<typeof SwuImage>

/** The facts about an operating system that the hub read when it was pushed. */
export const OsImage = z.discriminatedUnion('format', [SwuImage, PackageList, RaucImage])
export type OsImage = z.infer<typeof OsImage>
