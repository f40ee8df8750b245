/** Limit form: the fields of an alarm at a limit as a person types them, and the file of the flow that they make. */
import { Flow } from '@skerry/contract/flows/flow'
import { type LimitAlarm, limitAlarmFlow } from '@skerry/core/flow/limit-alarm'
import { stringify } from 'yaml'
import { limitTexts as words } from './english-limit.ts'

export type LimitForm = {
  /** The id of the source. */
  source: string
  tag: string
  side: LimitAlarm['side']
  limit: string
  clear: string
  forSeconds: string
  silenceSeconds: string
}

export const emptyLimit = (source = ''): LimitForm => ({
  source,
  tag: '',
  side: 'above',
  limit: '',
  clear: '',
  forSeconds: '1',
  silenceSeconds: '',
})

export type LimitFile = { ok: true; text: string } | { ok: false; message: string }

/** The text of flow.yaml, or the next missing or wrong field. */
export function limitFile(form: LimitForm, sourceName: string | undefined): LimitFile {
  if (sourceName === undefined) return wrong(words.needs.source)
  if (form.tag === '') return wrong(words.needs.tag)
  const limit = numberOf(form.limit)
  if (limit === undefined) return wrong(words.needs.limit)
  const rest = { clear: form.clear, forSeconds: form.forSeconds, silenceSeconds: form.silenceSeconds }
  const unread = Object.entries(rest).find(([, text]) => text.trim() !== '' && numberOf(text) === undefined)
  if (unread) return wrong(words.needs.number(unread[1]))
  const clear = numberOf(form.clear)
  const silenceSeconds = numberOf(form.silenceSeconds)
  const flow = limitAlarmFlow({
    source: sourceName,
    tag: form.tag,
    side: form.side,
    limit,
    forSeconds: numberOf(form.forSeconds) ?? 0,
    ...(clear !== undefined && { clear }),
    ...(silenceSeconds !== undefined && { silenceSeconds }),
  })
  const read = Flow.safeParse(flow)
  const [issue] = read.error?.issues ?? []
  if (issue) return wrong(`${issue.path.at(-1) === undefined ? '' : `${String(issue.path.at(-1))} `}${issue.message}`)
  return { ok: true, text: stringify(flow) }
}

const wrong = (message: string): LimitFile => ({ ok: false, message })

/** People write a comma in many countries. */
function numberOf(text: string): number | undefined {
  const plain = text.trim().replace(',', '.')
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : undefined
}
