/** Log lines of a device's agent, as the agent keeps its newest ones in memory. */
import * as z from 'zod'
import { InstantMs } from '../values/names.ts'

export const LogLevel = z.enum(['debug', 'info', 'warn', 'error'])
export type LogLevel = z.infer<typeof LogLevel>

/** What an agent keeps: a day of a quiet device, minutes of a troubled one, and a megabyte at most of its 80. */
export const LOG_LINES_MAX = 2_000
export const LOG_BYTES_MAX = 1024 * 1024

export const LogLine = z.strictObject({
  /** By the device's own clock. */
  atMs: InstantMs,
  level: LogLevel,
  /** Which program speaks: `agent` or `runner`. */
  program: z.string().max(64),
  event: z.string().max(8_192),
  /** Everything else that the line says. */
  fields: z.record(z.string(), z.json()),
})
export type LogLine = z.infer<typeof LogLine>
