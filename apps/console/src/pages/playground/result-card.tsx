/** Result card: what the device answered and how long it took, or why it did not. */
import type { InferAnswer } from '@skerry/contract/models/infer'
import { CircleX, FlaskConical, LoaderCircle } from 'lucide-react'
import { Card } from '../../components/card.tsx'
import { durationText } from '../../components/charts/amounts.ts'
import { Empty } from '../../components/page-state.tsx'
import { playgroundWords } from './english-playground.ts'
import { OutputView } from './output-panel.tsx'
import type { RunRecord } from './use-runs.ts'

const words = playgroundWords.result

/** The card. */
export function ResultCard({ run, asking }: { run: RunRecord | undefined; asking: string | undefined }) {
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
      {run?.outcome.ok && <Answer answer={run.outcome.answer} tripUs={run.tripUs} />}
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

function Answer({ answer, tripUs }: { answer: InferAnswer; tripUs: number }) {
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
      <div className="divide-y divide-line">
        {answer.outputs.map((output) => (
          <OutputView key={output.name} output={output} />
        ))}
      </div>
    </>
  )
}
