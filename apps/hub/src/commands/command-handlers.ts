/** Procedures that send a command to one device over its link. */
import type { CommandKind } from '@skerry/contract/devices/device-command'
import { COMMAND_BYTES_MAX, COMMAND_TIMEOUT_MS } from '@skerry/contract/devices/device-command'
import { knownDevice } from '../devices/device-handlers.ts'
import type { DeviceRow } from '../devices/device-store.ts'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import { refuseQuarantined } from '../link/device-identity.ts'
import { findModel } from '../models/version-store.ts'
import { askDevice } from './ask-device.ts'
import type { Answered, Question } from './command-board.ts'
import { problemOf } from './command-failure.ts'
import { readLogLines } from './log-lines.ts'
import { readAnswer, writeRequest } from './oip-frame.ts'

const UNREADABLE = 'the answer of the device cannot be read; check that the versions of hub and agent fit together'

export const commandHandlers = {
  infer: os.device.infer.handler(async ({ context, input, signal }) => {
    const { hub, organisationId } = context
    const startMs = hub.clock.monotonicMs()
    const { model, version, inputs, outputs, outputsAs, timeoutMs } = input
    const row = await knownDevice(hub.store.db, organisationId, input.device)
    refuseQuarantined(row)
    if (!(await findModel(hub.store.db, { organisationId, name: model }))) throw problem('model_unknown')
    // A thread has prepared a large request.
    const request = context.entry.prepared.frame ?? writeRequest(inputs, outputs)
    if (!request.ok) throw problem('inference_refused', request.message)
    const { parts: body, bytes, jsonBytes } = request
    if (bytes > COMMAND_BYTES_MAX) throw problem('body_too_large', 'the inputs are over 32 MiB; send less at once')
    const command = { model, bytes, jsonBytes, ...(version !== undefined && { version }) }
    using given = await answerOf(
      context,
      row,
      { kind: 'infer', payer: organisationId, command, body, timeoutMs },
      signal,
    )
    const answer = readAnswer(given.body, given.answer.jsonBytes, outputsAs)
    if (!answer) throw problem('command_failed', UNREADABLE)
    const { runnerUs } = given.answer
    await context.change(async (_tx, note) => {
      note.object.id = row.id
      // The record has sizes only, because the inputs of models are confidential.
      const sizes = { inputBytes: bytes, outputBytes: given.body.byteLength }
      note.detail = { id: row.id, name: row.name, model, version: answer.version, runnerUs, ...sizes }
    })
    const totalUs = Math.round((hub.clock.monotonicMs() - startMs) * 1_000)
    return { device: row.name, model, ...answer, runnerUs, totalUs }
  }),

  logs: os.device.logs.handler(async ({ context, input: { device, level, limit }, signal }) => {
    const { hub, organisationId } = context
    const row = await knownDevice(hub.store.db, organisationId, device)
    if (row.status === 'wiping') throw problem('device_unreachable', 'the device is being wiped')
    const asked = { command: { level, limit }, timeoutMs: COMMAND_TIMEOUT_MS }
    const question = { kind: 'logs' as const, payer: organisationId, ...asked }
    using given = await answerOf(context, row, question, signal)
    const lines = readLogLines(given.body)
    if (!lines) throw problem('command_failed', UNREADABLE)
    await context.change(async (_tx, note) => {
      note.object.id = row.id
      note.detail = { id: row.id, name: row.name, level, lines: lines.length }
    })
    return { device: row.name, atMs: hub.clock.nowMs(), lines, omittedCount: given.answer.omittedCount }
  }),
}

/** The device's answer; throws the reason if there is none. */
async function answerOf<Kind extends CommandKind>(
  { hub }: KeyCall,
  row: DeviceRow,
  question: Question<Kind>,
  signal: AbortSignal | undefined,
): Promise<Answered<Kind> & Disposable> {
  const answered = await askDevice(hub, row.id, question, signal ?? hub.signal)
  if (answered.ok) return answered
  answered[Symbol.dispose]()
  throw await problemOf(hub, row, answered)
}
