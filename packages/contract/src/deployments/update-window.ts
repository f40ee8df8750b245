/** Update window: when a device may fetch a version, and when it may begin to serve it. The device judges, by its own clock. */
import * as z from 'zod'

/** Minute, hour, day of the month, month, day of the week. 100 characters say any list that a person would write. */
export const CronText = z
  .string()
  .max(100)
  .regex(/^[0-9A-Za-z*,/#?-]+( [0-9A-Za-z*,/#?-]+){4}$/, 'must be five fields such as "0 2 * * *"')

/** [IANA time zones] The longest name has 32 characters. */
export const TimeZone = z
  .string()
  .max(64)
  .regex(/^[A-Za-z][A-Za-z0-9_+/-]*$/, 'must be an IANA time zone such as Europe/Berlin')

/** Open from each time that the cron expression names, for so long. A week is past any shutdown that comes round. */
export const UpdateWindow = z.strictObject({
  cron: CronText,
  timeZone: TimeZone,
  durationSeconds: z.int().min(1).max(604_800),
})
export type UpdateWindow = z.infer<typeof UpdateWindow>

/** Any time where one is absent. */
export const UpdateWindows = z
  .strictObject({
    /** Outside it nothing new is fetched. */
    download: UpdateWindow.optional(),
    /** Outside it nothing new is loaded: what has been fetched and verified waits. */
    install: UpdateWindow.optional(),
  })
  .refine(({ download, install }) => download !== undefined || install !== undefined, 'must have a window')
export type UpdateWindows = z.infer<typeof UpdateWindows>
