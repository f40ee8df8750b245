/** Camera source: pictures of a camera that speaks RTSP, or of a video file, decoded at a set rate and size. [RFC 7826; RFC 2326, which cameras speak] */
import * as z from 'zod'
import { SecretReference } from '../../secrets/secret-reference.ts'
import { TagShape } from '../tag.ts'

/** Passed to the decoder in a line of text. */
const ONE_LINE = /^[^\p{Cc}]*$/u

const RtspAddress = z
  .url({ protocol: /^rtsp$/, error: 'must be an address such as rtsp://10.0.0.9/stream1' })
  .max(2_000)
  .regex(ONE_LINE, 'must be one line')
  .refine(
    (url) => !/^rtsp:\/\/[^/]*@/.test(url),
    'has a user in it: say user and password apart, the password as a secret',
  )

/** Of one that falls silent, a few seconds tell a stall from a key frame that is late. */
const SilenceMs = z.int().min(500).max(60_000).default(5_000)

export const CameraConnection = z
  .strictObject({
    url: RtspAddress.optional(),
    user: z.string().min(1).max(128).regex(ONE_LINE, 'must be one line').optional(),
    password: SecretReference.optional(),
    /** Over UDP what is lost is lost, and shows as a smear. */
    transport: z.enum(['tcp', 'udp']).default('tcp'),
    /** In place of an address: a video of this machine, played in its own time. */
    file: z.string().min(1).max(4_000).regex(ONE_LINE, 'must be one line').optional(),
    /** A video begins anew at its end; else nothing comes after it. */
    loop: z.boolean().default(true),
    /** The first picture may take as long: cameras send a whole one every few seconds. */
    firstMaxMs: z.int().min(1_000).max(120_000).default(15_000),
    /** Without a picture for so long it is connected to anew. */
    silenceMaxMs: SilenceMs,
  })
  .refine(({ url, file }) => (url === undefined) !== (file === undefined), 'needs either url or file')
  .refine(
    ({ user, password }) => (user === undefined) === (password === undefined),
    'user and password belong together',
  )
  .refine(({ user, file }) => user === undefined || file === undefined, 'a file has no user')
export type CameraConnection = z.infer<typeof CameraConnection>

/** Full HD, 6 MB: models look at less, and several are on their way at once. */
export const CAMERA_PIXELS_MAX = 1_920 * 1_080

/** A picture is told; nothing of it is scaled, compared or written. */
const NUMBERS_ONLY = ['unit', 'mask', 'shift', 'clamp', 'expect', 'deadband', 'silenceMaxMs', 'write'] as const

export const CameraTag = z
  .strictObject({
    ...TagShape,
    /** What the camera sends is brought to this size. */
    width: z.int().min(16).max(3_840),
    height: z.int().min(16).max(3_840),
    pixels: z.enum(['rgb', 'grey']).default('rgb'),
    /** Where the camera's shape is another: `pad` keeps it, with black beside it; `stretch` does not. */
    fit: z.enum(['pad', 'stretch']).default('pad'),
  })
  .refine(({ width, height }) => width * height <= CAMERA_PIXELS_MAX, {
    path: ['height'],
    error: `width times height is at most ${CAMERA_PIXELS_MAX}, which is 1920×1080`,
  })
  .superRefine((tag, context) => {
    const odd = NUMBERS_ONLY.find((field) => tag[field] !== undefined)
    const field = odd ?? (tag.scale !== 1 ? 'scale' : tag.offset !== 0 ? 'offset' : undefined)
    if (field)
      context.addIssue({ code: 'custom', path: [field], message: 'is for numbers, and a camera gives pictures' })
  })
export type CameraTag = z.infer<typeof CameraTag>
