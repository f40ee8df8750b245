/** Version facts: which versions the devices should run, and which ones they run by their last reports. */
import type { RunningCounts, VersionCounts } from '@skerry/contract/rollouts/version-counts'
import { wantedAndRunningWords } from '@skerry/core/rollouts/views/rollout-words'
import { texts } from '../../texts/english.ts'
import { cn } from '../class-names.ts'

type Facts = { version: number; wanted?: VersionCounts | undefined; running?: RunningCounts | undefined }

const words = texts.versionFacts

/** Both facts side by side. Nothing if the hub is too old to know them. */
export function VersionFacts({ version, wanted, running }: Facts) {
  const facts = wantedAndRunningWords({ version, wanted, running }, texts.common.number)
  if (!facts) return null
  return (
    <dl className="card grid gap-x-8 gap-y-3 px-4 py-3 text-sm sm:grid-cols-2">
      <div className="min-w-0">
        <dt className="text-xs text-soft">{words.wanted}</dt>
        <dd className="mt-0.5 font-medium wrap-anywhere tabular">{facts.wanted}</dd>
      </div>
      <div className="min-w-0">
        <dt className="text-xs text-soft">{words.runningByReports}</dt>
        <dd className={cn('mt-0.5 font-medium wrap-anywhere tabular', running?.failed && 'text-bad')}>
          {facts.running}
        </dd>
      </div>
    </dl>
  )
}

/** The running versions in a cell of a list. `otherwise` is the text of a hub that is too old to know them. */
export function RunningText({ facts, otherwise }: { facts: Facts; otherwise?: string }) {
  const text = wantedAndRunningWords(facts, texts.common.number)?.running ?? otherwise
  return (
    <span className={cn('truncate', facts.running?.failed ? 'text-bad' : 'text-soft')} title={text}>
      {text}
    </span>
  )
}

/** The wanted versions in a cell of a list. */
export function WantedText({ facts }: { facts: Facts }) {
  const text = wantedAndRunningWords(facts, texts.common.number)?.wanted
  return (
    <span className="truncate text-soft" title={text}>
      {text}
    </span>
  )
}
