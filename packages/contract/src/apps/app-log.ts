/** App log: the lines that the containers of an app wrote, as the engine of a device keeps them. */
import * as z from 'zod'
import { InstantMs } from '../values/names.ts'
import { ServiceName } from './app.ts'

/** As many as of the agent itself. They fill some screens, and two thousand long ones fit into one answer. */
export const APP_LOG_LINES_MAX = 2_000

export const AppLogLine = z.strictObject({
  /** By the device's own clock. */
  atMs: InstantMs,
  service: ServiceName,
  stream: z.enum(['out', 'err']),
  /** The rest of a longer line is cut off. */
  text: z.string().max(8_192),
})
export type AppLogLine = z.infer<typeof AppLogLine>
