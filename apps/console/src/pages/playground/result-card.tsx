/** Result card: the device's answer and its duration, or the reason why there is none. */
import type { Golden } from '@skerry/contract/devices/golden'
import type { InferAnswer } from '@skerry/contract/models/infer'
import { CircleX, FlaskConical, LoaderCircle } from 'lucide-react'
import { Card } from '../../components/card.tsx'
import { durationText } from '../../components/charts/amounts.ts'
import { Empty } from '../../components/page-state.tsx'
import { tensorTexts } from '../../texts/english-tensors.ts'
import { playgroundWords } from './english-playground.ts'
import { OutputView } from './output-panel.tsx'
import type { RunRecord } from './use-runs.ts'

const words = playgroundWords.result

type ResultProps = { run: RunRecord | undefined; asking: string | undefined; golden: Golden | undefined }

export function ResultCard({ run, asking, golden }: ResultProps) {
  return (
    <Card
      title={words.title}
      isFlush
      aside={
        <span role="status" className="inline-flex items-center gap-2 text-xs text-soft">
          {asking !== undefined && (
            <>
              <LoaderCircle size={13} className="animate-spin" aria-hidden />
              {playgroundWords.running(asking)}
            </>
          )}
          {asking === undefined && run && words.from(run.device)}
        </span>
      }
    >
      {!run && <Empty icon={FlaskConical} title={words.empty} hint={words.emptyHint} />}
      {run && !run.outcome.ok && <Refusal code={run.outcome.code} message={run.outcome.message} />}
      {run?.outcome.ok && <Answer answer={run.outcome.answer} run={run} golden={golden} />}
    </Card>
  )
}

const Refusal = ({ code, message }: { code: string; message: string }) => (
  <div role="alert" className="flex items-start gap-2.5 p-4">
    <CircleX size={18} className="mt-px shrink-0 text-bad" aria-hidden />
    <div className="min-w-0 text-sm">
      <p className="font-medium">{words.failed}</p>
      <p className="mt-0.5 text-soft wrap-anywhere">{message}</p>
      <p className="mt-1 font-mono text-xs text-soft">{code}</p>
    </div>
  </div>
)

type AnswerProps = { answer: InferAnswer; run: RunRecord; golden: Golden | undefined }

function Answer({ answer, run: { tripUs, goldenCase }, golden }: AnswerProps) {
  const expected = goldenCase === undefined ? undefined : golden?.cases[goldenCase]?.outputs
  const times = [
    [words.onDevice, answer.runnerUs],
    [words.hub, answer.totalUs],
    [words.roundTrip, tripUs],
  ] as const
  return (
    <>
      <dl className="grid grid-cols-3 divide-x divide-line border-b border-line">
        {times.map(([name, us]) => (
          <div key={name} className="flex flex-col-reverse px-4 py-3">
            <dt className="text-xs text-soft">{name}</dt>
            <dd className="text-lg leading-tight font-semibold tabular">{durationText(us)}</dd>
          </div>
        ))}
      </dl>
      {golden && goldenCase !== undefined && (
        <p className="border-b border-line px-4 py-2.5 text-xs text-soft">{words.goldenCase(goldenCase)}</p>
      )}
      <div className="divide-y divide-line">
        {answer.outputs.map((output) => (
          <OutputView
            key={output.name}
            output={output}
            expected={expected?.[output.name]}
            tolerance={golden?.tolerance}
          />
        ))}
        {missingOutputs(answer, expected).map((name) => (
          <p key={name} className="p-4 text-sm text-bad">
            <code className="font-mono text-xs">{name}</code> {tensorTexts.incomparable.missing}
          </p>
        ))}
      </div>
    </>
  )
}

const missingOutputs = ({ outputs }: InferAnswer, expected: Readonly<Record<string, unknown>> = {}) =>
  Object.keys(expected).filter((name) => outputs.every((output) => output.name !== name))
