/** Answer card: the answer of a device as it comes, its pace, and the reason if it broke off. */
import { CircleX, LoaderCircle, MessageSquareText } from 'lucide-react'
import { Card } from '../../components/card.tsx'
import { durationText } from '../../components/charts/amounts.ts'
import { Empty } from '../../components/page-state.tsx'
import { Scrollable } from '../../components/scrollable.tsx'
import { language } from '../../texts/language.ts'
import { languageTexts } from './english-language.ts'
import { isJson } from './prompt-form.ts'
import type { AskedAnswer, Done } from './use-asking.ts'

const words = languageTexts.answer

export function AnswerCard({ answer }: { answer: AskedAnswer | undefined }) {
  return (
    <Card title={words.title} isFlush aside={answer && <Status answer={answer} />}>
      {!answer && <Empty icon={MessageSquareText} title={words.empty} hint={words.emptyHint} />}
      {answer?.state.kind === 'done' && <Pace done={answer.state.done} />}
      {answer && answer.text !== '' && (
        <Scrollable
          as="section"
          aria-label={words.text}
          className="max-h-[28rem] overflow-y-auto p-4 text-sm whitespace-pre-wrap wrap-anywhere"
        >
          {answer.text}
        </Scrollable>
      )}
      {answer && <End answer={answer} />}
    </Card>
  )
}

const Status = ({ answer: { device, state } }: { answer: AskedAnswer }) => (
  <span role="status" className="inline-flex items-center gap-2 text-xs text-soft">
    {state.kind === 'running' ? (
      <>
        <LoaderCircle size={13} className="animate-spin" aria-hidden />
        {words.running(device)}
      </>
    ) : (
      words.from(device)
    )}
  </span>
)

function Pace({ done: { answerTokens, totalMs, firstTokenMs } }: { done: Done }) {
  const perSecond = totalMs > 0 ? (answerTokens * 1_000) / totalMs : 0
  const facts = [
    [words.facts.perSecond, perSecond.toLocaleString(language, { maximumFractionDigits: 1 })],
    [words.facts.first, durationText(Math.round(firstTokenMs * 1_000))],
    [words.facts.tokens, answerTokens.toLocaleString(language)],
  ] as const
  return (
    <dl className="grid grid-cols-3 divide-x divide-line border-b border-line">
      {facts.map(([name, value]) => (
        <div key={name} className="flex flex-col-reverse px-4 py-3">
          <dt className="text-xs text-soft">{name}</dt>
          <dd className="text-lg leading-tight font-semibold tabular">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function End({ answer: { state, text, isBound } }: { answer: AskedAnswer }) {
  if (state.kind === 'failed') {
    return (
      <div role="alert" className="flex items-start gap-2.5 border-t border-line p-4">
        <CircleX size={18} className="mt-px shrink-0 text-bad" aria-hidden />
        <div className="min-w-0 text-sm">
          <p className="font-medium">{words.failed}</p>
          <p className="mt-0.5 text-soft wrap-anywhere">{state.message}</p>
          <p className="mt-1 font-mono text-xs text-soft">{state.code}</p>
        </div>
      </div>
    )
  }
  const notes = [
    ...(state.kind === 'stopped' ? [words.stopped] : []),
    ...(state.kind === 'done' && state.done.finish === 'length' ? [words.cut] : []),
    ...(state.kind === 'done' && isBound ? [isJson(text) ? words.validJson : words.invalidJson] : []),
  ]
  return notes.length === 0 ? null : (
    <p className="border-t border-line px-4 py-3 text-xs text-soft">{notes.join(' ')}</p>
  )
}
