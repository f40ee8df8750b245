/** Procedures that ask a device about a source that it runs: what its tags say, and to write one. */
import { COMMAND_TIMEOUT_MS, TAGS_READ_MAX, TagReading } from '@skerry/contract/device-command'
import * as z from 'zod'
import { knownDevice } from '../devices/device-handlers.ts'
import type { DeviceRow } from '../devices/device-store.ts'
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import { refuseQuarantined } from '../link/device-identity.ts'
import { askDevice } from './ask-device.ts'
import type { Failure } from './command-failure.ts'

/** A device gives equipment a minute to answer a write, and its own words on the end are better than that the time was over. */
const WRITE_TIMEOUT_MS = 75_000

const Readings = z.array(TagReading).max(TAGS_READ_MAX)

export const sourceCommandHandlers = {
  read: os.source.read.handler(async ({ context, input: { device, source, tags }, signal }) => {
    const { hub, organisationId } = context
    const row = await knownDevice(hub.store.db, organisationId, device)
    refuseWiping(row)
    const command = { source, ...(tags && { tags }) }
    const question = { kind: 'read-tags' as const, command, timeoutMs: COMMAND_TIMEOUT_MS }
    using given = await askDevice(hub, row.id, question, signal ?? hub.signal)
    if (!given.ok) throw problem(given.code, given.message)
    const readings = readReadings(given.body)
    if (!readings) throw problem('command_failed', UNREADABLE)
    const { omittedCount } = given.answer
    return { device: row.name, source, atMs: hub.clock.nowMs(), readings, omittedCount }
  }),

  write: os.source.write.handler(async ({ context, input, signal }) => {
    const { hub, organisationId } = context
    const { source, tag, value, reason } = input
    const row = await knownDevice(hub.store.db, organisationId, input.device)
    refuseQuarantined(row)
    refuseWiping(row)
    const question = { kind: 'write-tag' as const, command: { source, tag, value }, timeoutMs: WRITE_TIMEOUT_MS }
    using given = await askDevice(hub, row.id, question, signal ?? hub.signal)
    const failure = given.ok ? undefined : asWrite(given)
    const before = given.ok ? given.answer.before : undefined
    // Also where it came to nothing, and where nobody knows: what was tried on equipment is on record, with its value.
    await context.change(async (_tx, note) => {
      note.object.id = row.id
      const why = failure?.message === undefined ? {} : { why: failure.message }
      note.detail = { id: row.id, name: row.name, source, tag, value, reason, ...(before && { before }), ...why }
      if (failure) note.result = failure.code
    })
    if (failure) throw problem(failure.code, failure.message)
    return { device: row.name, source, tag, value, ...(before && { before }) }
  }),
}

const UNREADABLE = "the device's answer does not parse; are hub and agent of versions that fit together?"

const OPEN = 'no answer came, so nobody knows whether it was written: read the tag before anything else'

/** A write that was on its way when its end was lost may have been done. Without words of its own the device was never asked. */
function asWrite({ code, message }: Failure): Failure {
  const isOpen =
    code === 'command_timeout' ||
    code === 'command_cancelled' ||
    (code === 'device_unreachable' && message !== undefined)
  if (!isOpen) return { ok: false, code, ...(message !== undefined && { message }) }
  return { ok: false, code: 'write_unverified', message: message === undefined ? OPEN : `${message}; ${OPEN}` }
}

/** It is about to forget everything. */
export function refuseWiping({ status }: DeviceRow): void {
  if (status === 'wiping') throw problem('device_unreachable', 'the device is being wiped')
}

function readReadings(bytes: Uint8Array): TagReading[] | undefined {
  try {
    return Readings.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data
  } catch {
    return undefined
  }
}
