/**
 * DDI feedback: the messages of devices that speak the Direct Device Integration of Eclipse hawkBit, read from its
 * public REST contract. Fields that the hub does not use are dropped. Clients differ in them.
 */
import * as z from 'zod'

/** A feedback of SWUpdate has up to some hundred lines of its log; each is a line of text. */
const DETAILS_MAX = 512
const DETAIL_CHARACTERS = 2_000

const Details = z
  .union([z.string(), z.array(z.string())])
  .transform((text) =>
    (typeof text === 'string' ? [text] : text).slice(-DETAILS_MAX).map((line) => line.slice(0, DETAIL_CHARACTERS)),
  )

/** How far the device is. */
export const DdiExecution = z.enum([
  'proceeding',
  'scheduled',
  'resumed',
  'download',
  'downloaded',
  'canceled',
  'rejected',
  'closed',
])
export type DdiExecution = z.infer<typeof DdiExecution>

/** The body of a feedback about a deployment, or about a cancellation. */
export const DdiFeedback = z.object({
  status: z.object({
    execution: DdiExecution,
    result: z.object({
      finished: z.enum(['success', 'failure', 'none']),
      /** Steps that are done, of all. */
      progress: z.object({ cnt: z.number(), of: z.number() }).partial().optional(),
    }),
    details: Details.optional(),
  }),
})
export type DdiFeedback = z.infer<typeof DdiFeedback>

/** A device has a handful of attributes, such as its serial number. hawkBit has limits of the same size. */
export const DDI_ATTRIBUTES_MAX = 64

export const DdiAttributes = z
  .record(z.string().min(1).max(128), z.string().max(128))
  .refine((attributes) => Object.keys(attributes).length <= DDI_ATTRIBUTES_MAX, `at most ${DDI_ATTRIBUTES_MAX}`)
export type DdiAttributes = z.infer<typeof DdiAttributes>

/** The body of `PUT configData`. A device sends all of its attributes, or the changed ones. */
export const DdiConfigData = z.object({
  mode: z.enum(['merge', 'replace', 'remove']).default('merge'),
  data: DdiAttributes,
})
export type DdiConfigData = z.infer<typeof DdiConfigData>

/** The body of a confirmation feedback: the owner of the device accepts the image, or does not. */
export const DdiConfirmation = z.object({
  confirmation: z.enum(['confirmed', 'denied']),
  details: Details.optional(),
})
export type DdiConfirmation = z.infer<typeof DdiConfirmation>
