/**
 * Update window: when a device may fetch a version, and when it may begin to serve it. The device judges, by its own
 * clock.
 */
import * as z from 'zod'

/** Minute, hour, day of the month, month, day of the week. 100 characters hold any list that a person would write. */
export const CronText = z
  .string()
  .max(100)
  .regex(/^[0-9A-Za-z*,/#?-]+( [0-9A-Za-z*,/#?-]+){4}$/, 'must be five fields such as "0 2 * * *"')

/** [IANA time zones] The longest name has 32 characters. */
export const TimeZone = z
  .string()
  .max(64)
  .regex(/^[A-Za-z][A-Za-z0-9_+/-]*$/, 'must be an IANA time zone such as Europe/Berlin')

/** [ECMA-402] A time zone that this machine does not know cannot be computed with. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** Open from each time of the cron expression, for this duration. A week is longer than any regular shutdown. */
export const UpdateWindow = z.strictObject({
  cron: CronText,
  timeZone: TimeZone,
  durationSeconds: z.int().min(1).max(604_800),
})
export type UpdateWindow = z.infer<typeof UpdateWindow>

/** An absent window means any time. */
export const UpdateWindows = z
  .strictObject({
    /** Outside it nothing new is fetched. */
    download: UpdateWindow.optional(),
    /** Outside it nothing new is loaded: versions that have been fetched and verified wait. */
    install: UpdateWindow.optional(),
  })
  .refine(({ download, install }) => download !== undefined || install !== undefined, 'must have a window')
export type UpdateWindows = z.infer<typeof UpdateWindows>
