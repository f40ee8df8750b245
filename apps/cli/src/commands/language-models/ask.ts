import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { AnswerSchema } from '@skerry/contract/language-models/answer-schema'
import type { AskPart } from '@skerry/contract/language-models/asking'
import { ANSWER_TOKENS_MAX } from '@skerry/contract/language-models/language-model'
import { Name } from '@skerry/contract/values/names'
import { parseJson } from '@skerry/core/values/parse-json'
import { asIs, command, fits, list, required, value } from '../../program/command.ts'
import { fail, wrongUsage } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import type { Session } from '../../program/session.ts'
import { shownText } from './shown-text.ts'

export const askModel = command({
  name: 'ask',
  summary: 'Ask a language model on a device, and print the answer as it comes (experimental)',
  details:
    'The hub sends the prompt over a stream to the device, wherever the device is. At temperature 0, which is the default, the same weights ' +
    'give the same answer, so an answer can become a golden prompt. A schema is a part of JSON Schema without references and patterns.',
  examples: [
    `skerry ask assistant 'How severe are 9 bar at press 7?' --device gateway-1`,
    `skerry ask assistant 'Report on press 7' --device gateway-1 --schema report.json --json`,
    `skerry ask assistant 'Write a shift report' --device gateway-1 --system 'Answer in one sentence.' --max-tokens 200`,
  ],
  arguments: {
    model: required('<model>', 'name of the language model', fits(Name)),
    prompt: required('<prompt>', 'text of the prompt', asIs),
  },
  options: {
    device: value('--device <device>', 'device to ask it on', fits(DeviceReference)),
    system: value('--system <text>', 'instructions; those of the version by default', asIs),
    schema: value('--schema <file>', 'JSON schema that binds the answer', asIs),
    maxTokens: value('--max-tokens <count>', 'longest answer; that of the version by default', parseTokens),
    temperature: value('--temperature <number>', '0 to 2; 0 by default', parseTemperature),
    stop: list('--stop <text>', 'text that ends the answer', asIs),
  },
  async run({ model, prompt, device, system, schema, maxTokens, temperature, stop }, session) {
    if (device === undefined) throw wrongUsage('the place of the model is missing', 'give --device')
    const { client } = await session.hub()
    const question = {
      device,
      model,
      messages: [
        ...(system === undefined ? [] : [{ role: 'system' as const, text: system }]),
        { role: 'user' as const, text: prompt },
      ],
      ...(schema !== undefined && { schema: await readSchema(schema) }),
      ...(maxTokens !== undefined && { maxTokens }),
      ...(temperature !== undefined && { temperature }),
      ...(stop.length > 0 && { stop: [...stop] }),
    }
    await printAnswer(await client.device.ask(question, { signal: session.signal }), session)
  },
})

async function printAnswer(parts: AsyncIterable<AskPart>, session: Session): Promise<void> {
  let text = ''
  for await (const part of parts) {
    switch (part.kind) {
      case 'text':
        text += part.text
        if (!session.isJson) session.io.stdout.write(shownText(part.text))
        break
      case 'done': {
        const { kind: _, ...facts } = part
        if (session.isJson) session.print({ json: { text, ...facts }, text: () => text })
        else session.io.stdout.write('\n')
        session.note(doneText(part))
        break
      }
      case 'failed':
        throw fail('inference_failed', `the answer broke off: ${part.message} (${part.code})`)
    }
  }
}

function doneText({
  answerTokens,
  totalMs,
  firstTokenMs,
  finish,
  device,
  version,
}: Extract<AskPart, { kind: 'done' }>) {
  const perSecond = totalMs > 0 ? Math.round((answerTokens * 10_000) / totalMs) / 10 : 0
  const end = finish === 'length' ? '; the limit of tokens ended it' : ''
  return `version ${version} on ${device}: ${answerTokens} tokens, ${perSecond} a second, the first after ${Math.round(firstTokenMs)} ms${end}`
}

async function readSchema(path: string): Promise<AnswerSchema> {
  const parsed = AnswerSchema.safeParse(parseJson(await readText(path)))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw fail('file_invalid', `${path}, ${issue?.path.join('.') || 'the schema'}: ${issue?.message}`)
}

function parseTokens(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= ANSWER_TOKENS_MAX) return count
  throw new Error(`must be a whole number from 1 to ${ANSWER_TOKENS_MAX}`)
}

function parseTemperature(text: string): number {
  const temperature = Number(text)
  if (text.trim() !== '' && temperature >= 0 && temperature <= 2) return temperature
  throw new Error('must be a number from 0 to 2')
}
