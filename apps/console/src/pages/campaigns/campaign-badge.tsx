/** Campaign badge: the state of a campaign, or of a device in a round, as an icon and words. */
import type { Campaign, ParticipantState } from '@skerry/contract/campaigns/campaign'
import {
  Ban,
  CircleCheck,
  CircleDashed,
  CirclePause,
  CircleX,
  Hourglass,
  type LucideIcon,
  RefreshCw,
  TriangleAlert,
} from 'lucide-react'
import { Badge } from '../../components/facts/badge.tsx'
import type { Tone } from '../../components/facts/tones.ts'
import { campaignsTexts as words } from './english-campaigns.ts'

type Look = { tone: Tone; icon: LucideIcon }

const BUSY: Look = { tone: 'busy', icon: RefreshCw }

export const PHASE_LOOKS: Readonly<Record<keyof typeof words.states, Look>> = {
  select: { tone: 'busy', icon: Hourglass },
  train: BUSY,
  aggregate: BUSY,
  evaluate: BUSY,
  publish: BUSY,
  done: { tone: 'good', icon: CircleCheck },
  failed: { tone: 'bad', icon: CircleX },
  stopped: { tone: 'idle', icon: Ban },
  paused: { tone: 'warn', icon: CirclePause },
}

export function CampaignBadge({ campaign, isPlain }: { campaign: Campaign; isPlain?: boolean }) {
  const state = campaign.isPaused ? 'paused' : campaign.phase
  const { stage } = campaign
  return (
    <Badge {...PHASE_LOOKS[state]} {...(isPlain && { isPlain })}>
      {state === 'train' && stage ? words.stages[stage] : words.states[state]}
    </Badge>
  )
}

const PARTS: Readonly<Record<ParticipantState, Look>> = {
  asked: BUSY,
  counted: { tone: 'good', icon: CircleCheck },
  evaluated: { tone: 'good', icon: CircleCheck },
  bounded: { tone: 'warn', icon: TriangleAlert },
  rejected: { tone: 'bad', icon: CircleX },
  failed: { tone: 'bad', icon: CircleX },
  late: { tone: 'idle', icon: CircleDashed },
}

export const ParticipantBadge = ({ state }: { state: ParticipantState }) => (
  <Badge {...PARTS[state]} isPlain>
    {words.participants.states[state]}
  </Badge>
)
