/** Procedures that ask a language model on a device, over a stream to its inference server. */
import type { AskPart, AskQuestion } from '@skerry/contract/language-models/asking'
import { knownDevice } from '../devices/device-handlers.ts'
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import { refuseQuarantined } from '../link/device-identity.ts'
import { findModel } from '../models/version-store.ts'
import { openStream } from '../streams/open-stream.ts'
import { askOver, type Refused } from './language-exchange.ts'

export const languageHandlers = {
  ask: os.device.ask.handler(async ({ context, input, signal }) => {
    const { hub, organisationId } = context
    const { device, model, ...question } = input
    const row = await knownDevice(hub.store.db, organisationId, device)
    refuseQuarantined(row)
    if (!(await findModel(hub.store.db, { organisationId, name: model }))) throw problem('model_unknown')
    const ending = AbortSignal.any([signal ?? hub.signal, hub.signal])
    const opened = await openStream(hub, row.id, { payer: organisationId, use: 'serve', params: {} }, ending)
    if (!opened.ok) throw problem(opened.code, opened.message)
    const answered = await askOver(opened.stream, { model, question, device: row.name }, ending)
    if (!answered.ok) throw refusalOf(answered)
    const recorded = context.change(async (_tx, note) => {
      note.object.id = row.id
      // The record has sizes only, because prompts are confidential.
      note.detail = { id: row.id, name: row.name, model, promptCharacters: charactersOf(question) }
    })
    // Nobody reads the answer then, and the device must not go on with it.
    await recorded.catch((error: unknown) => {
      opened.stream.destroy()
      throw error
    })
    return answered.parts as AsyncGenerator<AskPart, void, unknown>
  }),
}

const charactersOf = ({ messages }: AskQuestion) => messages.reduce((sum, { text }) => sum + text.length, 0)

/** The answer of the device, with a code of this API. */
function refusalOf({ code, message }: Refused) {
  if (code === 'route_unknown') {
    return problem('model_unserved', 'the agent of the device is too old for language models; update it')
  }
  if (code === 'model_unknown' || code === 'version_unknown') return problem('model_unserved', message)
  const isRefused = ['prompt_too_long', 'schema_refused', 'input_invalid', 'body_too_large', 'queue_full'].includes(
    code,
  )
  return problem(isRefused ? 'inference_refused' : 'inference_failed', message)
}
