/** Procedures on an app of a device: fetch the lines that its containers wrote. */
import { APP_LOG_LINES_MAX, AppLogLine } from '@skerry/contract/apps/app-log'
import { COMMAND_TIMEOUT_MS } from '@skerry/contract/devices/device-command'
import * as z from 'zod'
import { knownDevice } from '../devices/device-handlers.ts'
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import { parseAnswer } from './answer-json.ts'
import { askDevice } from './ask-device.ts'
import { problemOf } from './command-failure.ts'

const Lines = z.array(AppLogLine).max(APP_LOG_LINES_MAX)

export const appCommandHandlers = {
  logs: os.app.logs.handler(async ({ context, input, signal }) => {
    const { hub, organisationId } = context
    const { device, app, service, tail, sinceMs } = input
    const row = await knownDevice(hub.store.db, organisationId, device)
    if (row.status === 'wiping') throw problem('device_unreachable', 'the device is being wiped')
    const command = { app, tail, ...(service !== undefined && { service }), ...(sinceMs !== undefined && { sinceMs }) }
    const question = { kind: 'app-logs' as const, payer: organisationId, command, timeoutMs: COMMAND_TIMEOUT_MS }
    using given = await askDevice(hub, row.id, question, signal ?? hub.signal)
    if (!given.ok) throw await problemOf(hub, row, given)
    const parsed = parseAnswer(given.body)
    const lines = Lines.safeParse(parsed)
    if (!lines.success) {
      throw problem('command_failed', 'the answer of the device cannot be read; check that hub and agent fit together')
    }
    await context.change(async (_tx, note) => {
      note.object.id = row.id
      note.detail = {
        id: row.id,
        name: row.name,
        app,
        ...(service !== undefined && { service }),
        lines: lines.data.length,
      }
    })
    return { device: row.name, app, atMs: hub.clock.nowMs(), lines: lines.data }
  }),
}
