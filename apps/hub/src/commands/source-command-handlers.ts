/**
 * Procedures on a source of a device: read its tags, write a tag, browse its equipment, and restart it. Another one
 * tests a source that is not configured.
 */
import { BROWSE_ENTRIES_MAX, BrowseEntry } from '@skerry/contract/connections/browse-entry'
import type { ConnectionSpec } from '@skerry/contract/connections/connection'
import {
  COMMAND_TIMEOUT_MS,
  SOURCE_TEST_BYTES_MAX,
  TAGS_READ_MAX,
  TagReading,
} from '@skerry/contract/devices/device-command'
import { CheckedSourceSpec } from '@skerry/core/equipment/source-spec'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import * as z from 'zod'
import { knownDevice } from '../devices/device-handlers.ts'
import type { DeviceRow } from '../devices/device-store.ts'
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import { refuseQuarantined } from '../link/device-identity.ts'
import { parseAnswer } from './answer-json.ts'
import { askDevice } from './ask-device.ts'
import { type Failure, problemOf } from './command-failure.ts'

/** A device gives equipment a minute to answer. Its own error message is better than a timeout of the hub. */
const EQUIPMENT_TIMEOUT_MS = 75_000

/** In addition to the time in which a test waits for values: to fetch the configuration, and to end its thread. */
const TEST_SLACK_MS = 20_000

const Readings = z.array(TagReading).max(TAGS_READ_MAX)
const Entries = z.array(BrowseEntry).max(BROWSE_ENTRIES_MAX)

export const sourceCommandHandlers = {
  read: os.source.read.handler(async ({ context, input: { device, source, tags }, signal }) => {
    const { hub, organisationId } = context
    const row = await knownDevice(hub.store.db, organisationId, device)
    refuseWiping(row)
    const command = { source, ...(tags && { tags }) }
    const question = { kind: 'read-tags' as const, payer: row.organisation_id, command, timeoutMs: COMMAND_TIMEOUT_MS }
    using given = await askDevice(hub, row.id, question, signal ?? hub.signal)
    if (!given.ok) throw await problemOf(hub, row, given)
    const readings = readBody(Readings, given.body)
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
    const question = {
      kind: 'write-tag' as const,
      payer: row.organisation_id,
      command: { source, tag, value },
      timeoutMs: EQUIPMENT_TIMEOUT_MS,
    }
    using given = await askDevice(hub, row.id, question, signal ?? hub.signal)
    const failure = given.ok ? undefined : asWrite(given)
    const before = given.ok ? given.answer.before : undefined
    // Also if the write failed, or if its result is unknown: the trail records each attempt on equipment, with its
    // value.
    await context.change(async (_tx, note) => {
      note.object.id = row.id
      const why = failure?.message === undefined ? {} : { why: failure.message }
      note.detail = { id: row.id, name: row.name, source, tag, value, reason, ...(before && { before }), ...why }
      if (failure) note.result = failure.code
    })
    if (failure) throw await problemOf(hub, row, failure)
    return { device: row.name, source, tag, value, ...(before && { before }) }
  }),

  browse: os.source.browse.handler(async ({ context, input: { device, source, path, after }, signal }) => {
    const { hub, organisationId } = context
    const row = await knownDevice(hub.store.db, organisationId, device)
    refuseWiping(row)
    const command = { source, path, ...(after !== undefined && { after }) }
    const question = {
      kind: 'browse-source' as const,
      payer: row.organisation_id,
      command,
      timeoutMs: EQUIPMENT_TIMEOUT_MS,
    }
    using given = await askDevice(hub, row.id, question, signal ?? hub.signal)
    if (!given.ok) throw await problemOf(hub, row, given)
    const entries = readBody(Entries, given.body)
    if (!entries) throw problem('command_failed', UNREADABLE)
    const { omittedCount } = given.answer
    const next = omittedCount > 0 ? entries.at(-1)?.path : undefined
    const found = { device: row.name, source, atMs: hub.clock.nowMs(), path, entries, omittedCount }
    return { ...found, ...(next !== undefined && { next }) }
  }),

  test: os.source.test.handler(async ({ context, input, signal }) => {
    const { hub, organisationId } = context
    const { source, tags, waitMs } = input
    const row = await knownDevice(hub.store.db, organisationId, input.device)
    refuseQuarantined(row)
    refuseWiping(row)
    const bytes = readSpec(input)
    // Recorded before the request to the device. In every case the device connects to equipment, perhaps with its
    // secrets. In production this needs two people, like a change of the source.
    await context.change(async (_tx, note) => {
      note.object.id = row.id
      const { protocol } = input.spec
      note.detail = {
        id: row.id,
        name: row.name,
        source,
        protocol,
        digest: digestOf(bytes),
        sizeBytes: bytes.byteLength,
      }
    })
    const command = { bytes: bytes.byteLength, digest: digestOf(bytes), waitMs, ...(tags && { tags }) }
    const question = {
      kind: 'test-source' as const,
      payer: row.organisation_id,
      command,
      body: [bytes],
      timeoutMs: waitMs + TEST_SLACK_MS,
    }
    using given = await askDevice(hub, row.id, question, signal ?? hub.signal)
    if (!given.ok) throw await problemOf(hub, row, given)
    const readings = readBody(Readings, given.body)
    if (!readings) throw problem('command_failed', UNREADABLE)
    const { id: _, kind: __, ...outcome } = given.answer
    return { device: row.name, source, atMs: hub.clock.nowMs(), readings, ...outcome }
  }),

  restart: os.source.restart.handler(async ({ context, input, signal }) => {
    const { hub, organisationId } = context
    const { source, reason } = input
    const row = await knownDevice(hub.store.db, organisationId, input.device)
    refuseQuarantined(row)
    refuseWiping(row)
    const question = {
      kind: 'restart-source' as const,
      payer: row.organisation_id,
      command: { source },
      timeoutMs: COMMAND_TIMEOUT_MS,
    }
    using given = await askDevice(hub, row.id, question, signal ?? hub.signal)
    const before = given.ok ? given.answer.before : undefined
    await context.change(async (_tx, note) => {
      note.object.id = row.id
      const how = given.ok ? { before } : { why: given.message ?? given.code }
      note.detail = { id: row.id, name: row.name, source, reason, ...how }
      if (!given.ok) note.result = given.code
    })
    if (!given.ok) throw await problemOf(hub, row, given)
    return { device: row.name, source, before: given.answer.before }
  }),
}

const UNREADABLE = 'the answer of the device cannot be read; check that the versions of hub and agent fit together'

const OPEN = 'no answer came, so the value may or may not have been written: read the tag before you do anything else'

/**
 * If the hub lost the end of a write that was under way, the write may have happened. If the failure has no message of
 * its own, the hub never sent the request.
 */
function asWrite({ code, message }: Failure): Failure {
  const isOpen =
    code === 'command_timeout' ||
    code === 'command_cancelled' ||
    (code === 'device_unreachable' && message !== undefined)
  if (!isOpen) return { ok: false, code, ...(message !== undefined && { message }) }
  return { ok: false, code: 'write_unverified', message: message === undefined ? OPEN : `${message}; ${OPEN}` }
}

/** The device is about to delete all its data. */
export function refuseWiping({ status }: DeviceRow): void {
  if (status === 'wiping') throw problem('device_unreachable', 'the device is being wiped')
}

const readBody = <Said>(schema: z.ZodType<Said>, bytes: Uint8Array): Said | undefined =>
  schema.safeParse(parseAnswer(bytes)).data

type Wish = { source: string; spec: ConnectionSpec }

/** The configuration of the source in the form for the device. */
function readSpec({ source, spec }: Wish): Buffer {
  if (spec.name !== source) throw problem('input_invalid', `spec.name is ${spec.name}, and the path says ${source}`)
  const { error } = CheckedSourceSpec.safeParse(spec)
  const mistakes = error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  if (mistakes) throw problem('input_invalid', `spec is not a valid source: ${mistakes.join('; ')}`.slice(0, 2_000))
  const bytes = Buffer.from(canonicalJson(spec))
  if (bytes.byteLength > SOURCE_TEST_BYTES_MAX)
    throw problem('body_too_large', 'a source to test has at most 1 MiB; leave tags out')
  return bytes
}
