/** Look: what a person who watches a device asks it for, once or every second, and what comes of it. */
import * as z from 'zod'
import { FlowLook } from '../flows/flow-look.ts'
import { SourceLook } from '../sources/source-look.ts'
import { InstantMs } from '../values/names.ts'

/** Quick enough to feel live, and one small message a second for the device, however many watch. */
export const LOOK_EVERY_MS = 1_000

export const Look = z.discriminatedUnion('kind', [FlowLook, SourceLook])
export type Look = z.infer<typeof Look>

/** There is no answer just now. It is asked on; the next look says that there is one again. */
export const LookAway = z.strictObject({
  kind: z.literal('away'),
  /** As the API says it of one question. */
  code: z.string().max(64),
  message: z.string().max(2_000),
  /** By the clock of the hub. */
  atMs: InstantMs,
})
export type LookAway = z.infer<typeof LookAway>
