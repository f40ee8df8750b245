/** Procedure on a sink of a device: a test of its destination. The sink need not be configured. */

import type { ConnectionSpec } from '@skerry/contract/connections/connection'
import { SinkSpec } from '@skerry/contract/connections/connection-spec'
import { SINK_TEST_BYTES_MAX } from '@skerry/contract/sinks/sink-trial'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import { knownDevice } from '../devices/device-handlers.ts'
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import { refuseQuarantined } from '../link/device-identity.ts'
import { askDevice } from './ask-device.ts'
import { problemOf } from './command-failure.ts'
import { refuseWiping } from './source-command-handlers.ts'

/** In addition to the time in which a test waits: to fetch the configuration, and to end its thread. */
const TEST_SLACK_MS = 20_000

export const sinkCommandHandlers = {
  test: os.sink.test.handler(async ({ context, input, signal }) => {
    const { hub, organisationId } = context
    const { sink, spec, send, waitMs } = input
    const row = await knownDevice(hub.store.db, organisationId, input.device)
    refuseQuarantined(row)
    refuseWiping(row)
    const bytes = readSpec(input)
    const digest = digestOf(bytes)
    // Recorded before the request to the device. In every case the device connects somewhere, perhaps with its secrets.
    await context.change(async (_tx, note) => {
      note.object.id = row.id
      note.detail = { id: row.id, name: row.name, sink, protocol: spec.protocol, digest, isSent: send }
    })
    const question = {
      kind: 'test-sink' as const,
      payer: row.organisation_id,
      command: { bytes: bytes.byteLength, digest, isSent: send, waitMs },
      body: [bytes],
      timeoutMs: waitMs + TEST_SLACK_MS,
    }
    using given = await askDevice(hub, row.id, question, signal ?? hub.signal)
    if (!given.ok) throw await problemOf(hub, row, given)
    const { id: _, kind: __, ...trial } = given.answer
    return { device: row.name, sink, atMs: hub.clock.nowMs(), ...trial }
  }),
}

/** The configuration of the sink in the form for the device. */
function readSpec({ sink, spec }: { sink: string; spec: ConnectionSpec }): Buffer {
  if (spec.name !== sink) throw problem('input_invalid', `spec.name is ${spec.name}, and the path says ${sink}`)
  const { error } = SinkSpec.safeParse(spec)
  const mistakes = error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  if (mistakes) throw problem('input_invalid', `spec is not a valid sink: ${mistakes.join('; ')}`.slice(0, 2_000))
  const bytes = Buffer.from(canonicalJson(spec))
  if (bytes.byteLength > SINK_TEST_BYTES_MAX) throw problem('body_too_large', 'a sink to test has at most 256 KiB')
  return bytes
}
