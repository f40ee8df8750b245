import type { SkerryClient } from '@skerry/client/client'
import { problemOf } from '@skerry/client/problem'
import { AlarmSignal, CaptureCondition, CaptureRules, CaptureTask, Redacted } from '@skerry/contract/captures/capture'
import { Name } from '@skerry/contract/values/names'
import { asIs, command, fits, fitsNumber, list, required, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { parseDuration, parseLimit, parseSize } from '../../program/values.ts'
import { captureText } from './capture-view.ts'

const { shape } = CaptureRules

export const setCapture = command({
  name: 'capture set',
  summary: 'Keep rows of a model on the devices that run it, for review',
  details:
    'A device keeps the inputs and outputs of the rows on its own disk, encrypted, until they are too many or too old. ' +
    'They never lie on the hub: people with the permission capture.read look at them through it. ' +
    'Of a capture that exists, options that are not given keep their values.',
  examples: [
    "skerry capture set anomaly --when 'confidence < 0.6' --purpose 'improve the model'",
    "skerry capture set anomaly --sample 0.01 --keep 500 --for 30d --redact 'x[1]' --purpose 'improve the model'",
    "skerry capture set anomaly --alarm pump-anomaly/alarm --purpose 'find the cause of alarms'",
    "skerry capture set wear --task regression --when 'y > 4' --purpose 'improve the model'",
  ],
  arguments: { model: required('<model>', 'the name of a model', fits(Name)) },
  options: {
    when: value('--when <condition>', 'keep rows whose confidence or output is so', fits(CaptureCondition)),
    sample: value('--sample <share>', 'keep this share of all rows too, from 0 to 1', fitsNumber(shape.sample)),
    alarms: list(
      '--alarm <flow/signal>',
      'keep the rows before an alarm of the flow that gave them to the model, such as pump-anomaly/alarm',
      fits(AlarmSignal),
    ),
    keep: value('--keep <rows>', 'the most rows of a device; 500 by default', parseLimit),
    keepBytes: value('--keep-size <size>', 'the most bytes of a device; 64MiB by default', parseSize),
    forSeconds: value('--for <duration>', 'delete rows after this time; 30d by default', parseDuration),
    purpose: value('--purpose <text>', 'why rows are kept; needed for a new capture', fits(shape.purpose)),
    redact: list(
      '--redact <feature>',
      'a column such as x[1], a box such as image[:,0:40,0:120], or a tensor that is emptied before it is stored',
      fits(Redacted),
    ),
    task: value('--task <task>', `${CaptureTask.options.join(' or ')}; classification by default`, fits(CaptureTask)),
    output: value('--output <name>', 'the output with the scores or the number; the first by default', asIs),
  },
  async run({ model: name, redact, alarms, ...given }, session) {
    const { client } = await session.hub()
    const { signal } = session
    const before = await rulesBefore(client, name, signal)
    const changed = Object.fromEntries(Object.entries(given).filter(([, word]) => word !== undefined))
    const { success, data, error } = CaptureRules.safeParse({
      ...before,
      ...changed,
      ...(redact.length > 0 && { redact }),
      ...(alarms.length > 0 && { alarms }),
    })
    if (!success) throw wrongUsage(problemIn(given.purpose ?? before?.purpose, error.issues[0]?.message))
    const capture = await client.capture.set({ name, rules: data }, { signal })
    session.print({ json: capture, text: () => captureText(capture, undefined, session.style) })
  },
})

const problemIn = (purpose: string | undefined, message: string | undefined) =>
  purpose === undefined ? '--purpose is missing: say why rows are kept' : `the capture is not complete: ${message}`

/** Undefined if the model has no capture. */
async function rulesBefore(client: SkerryClient, name: Name, signal: AbortSignal): Promise<CaptureRules | undefined> {
  try {
    return (await client.capture.get({ name }, { signal })).rules
  } catch (error) {
    if (problemOf(error).code === 'capture_unknown') return undefined
    throw error
  }
}
