/** Campaign check: the answer of the hub to a dry run, with the devices that could take part. */
import type { CampaignCandidate, CampaignSpec } from '@skerry/contract/campaigns/campaign'
import { campaignsTexts } from './english-campaigns.ts'
import { sourceText } from './source-text.ts'

const words = campaignsTexts.form

type CheckReply = {
  spec: CampaignSpec
  baseVersion: number
  parameters: number
  eligible: number
  candidates: readonly CampaignCandidate[]
  epsilon?: number | undefined
}

/** `key`: the campaign that was checked, as text. */
export type Checked = { key: string; reply?: CheckReply; problem?: string }

/** Devices of this list are named; the others are counted. */
const NAMED_MAX = 20

export function CampaignCheck({ checked: { reply, problem } }: { checked: Checked }) {
  if (!reply)
    return (
      <p role="alert" className="text-sm wrap-anywhere text-bad">
        {problem}
      </p>
    )
  const { spec, candidates, eligible } = reply
  const isEnough = eligible >= spec.participants.minimum
  return (
    <div role="status" className="w-full rounded-lg bg-raised px-3 py-2.5 text-sm">
      <p className="font-medium">{words.trains(spec.model, reply.baseVersion, reply.parameters)}</p>
      <p className={isEnough ? undefined : 'text-warn'}>{words.eligible(eligible, spec.participants.minimum)}</p>
      {reply.epsilon !== undefined && <p>{words.cost(spec.rounds, reply.epsilon)}</p>}
      <ul className="mt-1 max-h-40 overflow-y-auto">
        {candidates.slice(0, NAMED_MAX).map((candidate) => (
          <li key={candidate.device} className="wrap-anywhere">
            <span className="font-medium">{candidate.device}</span>{' '}
            <span className="text-soft">{readyText(candidate)}</span>
          </li>
        ))}
      </ul>
      {candidates.length > NAMED_MAX && <p className="text-soft">{words.more(candidates.length - NAMED_MAX)}</p>}
    </div>
  )
}

function readyText(candidate: CampaignCandidate): string {
  const { rows, isEligible, isConnected, reason = '' } = candidate
  if (!isEligible) return reason
  const source = sourceText(candidate)
  return source === '' ? words.ready(rows, isConnected) : `${words.ready(rows, isConnected)} (${source})`
}
