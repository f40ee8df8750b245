/** Version facts: which versions the devices should run, and which ones they run by their last reports. */
import type { RunningCounts, VersionCounts } from '@skerry/contract/rollouts/version-counts'
import { runningWords, wantedWords } from '@skerry/core/rollouts/views/version-words'
import { texts } from '../../texts/english.ts'
import { versionFactsTexts as words } from './english-version-facts.ts'

type Facts = { version: number; wanted?: VersionCounts | undefined; running?: RunningCounts | undefined }

/** Both facts side by side. Nothing if the hub is too old to know them. */
export function VersionFacts({ version, wanted, running }: Facts) {
  const facts = { version, wanted, running }
  if (!running) return null
  return (
    <dl className="card grid gap-x-8 gap-y-3 px-4 py-3 text-sm sm:grid-cols-2">
      <div className="min-w-0">
        <dt className="text-xs text-soft">{words.wanted}</dt>
        <dd className="mt-0.5 font-medium wrap-anywhere tabular">{wantedWords(facts, texts.common.number)}</dd>
      </div>
      <div className="min-w-0">
        <dt className="text-xs text-soft">{words.running}</dt>
        <dd className={`mt-0.5 font-medium wrap-anywhere tabular ${running.failed ? 'text-bad' : ''}`}>
          {runningWords(facts, texts.common.number)}
        </dd>
      </div>
    </dl>
  )
}

type RunningProps = { facts: Facts; otherwise?: string; isQuiet?: boolean }

/**
 * The running versions in a cell of a list. `otherwise` is the text of a hub that is too old to know them. A quiet cell
 * does not call for a person: other rows show the same devices.
 */
export function RunningText({ facts, otherwise, isQuiet }: RunningProps) {
  const text = runningWords(facts, texts.common.number) ?? otherwise
  return (
    <span className={facts.running?.failed && !isQuiet ? 'truncate text-bad' : 'truncate text-soft'} title={text}>
      {text}
    </span>
  )
}

/** The wanted versions in a cell of a list. */
export function WantedText({ facts }: { facts: Facts }) {
  const text = wantedWords(facts, texts.common.number)
  return (
    <span className="truncate text-soft" title={text}>
      {text}
    </span>
  )
}
