/** Batch marks: how a batch and its devices stand, as badges and as a bar. */
import type { BatchStatus, JobCounts, JobOutcome } from '@skerry/contract/batches/batch'
import {
  Ban,
  CircleCheck,
  CircleDashed,
  CircleX,
  Clock,
  FilePen,
  Hourglass,
  type LucideIcon,
  RefreshCw,
  Send,
} from 'lucide-react'
import { cn } from '../../components/class-names.ts'
import { Badge } from '../../components/facts/badge.tsx'
import { TONE_BLOCK, type Tone } from '../../components/facts/tones.ts'
import { batchesTexts as words } from './english-batches.ts'

/** What needs a person comes first. */
export const JOB_OUTCOMES: readonly JobOutcome[] = [
  'failed',
  'timed-out',
  'expired',
  'told',
  'waiting',
  'cancelled',
  'succeeded',
]

const STATUS: Readonly<Record<BatchStatus, { tone: Tone; icon: LucideIcon }>> = {
  draft: { tone: 'warn', icon: FilePen },
  signed: { tone: 'warn', icon: Send },
  scheduled: { tone: 'busy', icon: Clock },
  running: { tone: 'busy', icon: RefreshCw },
  cancelling: { tone: 'busy', icon: Ban },
  ended: { tone: 'good', icon: CircleCheck },
  cancelled: { tone: 'idle', icon: Ban },
}

const OUTCOME: Readonly<Record<JobOutcome, { tone: Tone; icon: LucideIcon }>> = {
  waiting: { tone: 'idle', icon: CircleDashed },
  told: { tone: 'busy', icon: RefreshCw },
  succeeded: { tone: 'good', icon: CircleCheck },
  failed: { tone: 'bad', icon: CircleX },
  'timed-out': { tone: 'bad', icon: Hourglass },
  expired: { tone: 'warn', icon: Hourglass },
  cancelled: { tone: 'idle', icon: Ban },
}

export const BatchBadge = ({ status, isPlain }: { status: BatchStatus; isPlain?: boolean }) => (
  <Badge {...STATUS[status]} {...(isPlain && { isPlain })}>
    {words.statuses[status]}
  </Badge>
)

export const JobBadge = ({ outcome }: { outcome: JobOutcome }) => (
  <Badge {...OUTCOME[outcome]} isPlain>
    {words.outcomes[outcome]}
  </Badge>
)

/** Only what there is: `12 succeeded, 1 failed`. */
export const jobsText = (counts: JobCounts): string =>
  JOB_OUTCOMES.toReversed()
    .filter((outcome) => counts[outcome] > 0)
    .map((outcome) => `${words.number(counts[outcome])} ${words.outcomes[outcome].toLowerCase()}`)
    .join(', ')

/** The bar, what is done first. */
export function JobBar({ counts, className }: { counts: JobCounts; className?: string }) {
  const shown = (['succeeded', 'failed', 'timed-out', 'expired', 'told', 'cancelled', 'waiting'] as const).filter(
    (outcome) => counts[outcome] > 0,
  )
  return (
    <span
      role="img"
      aria-label={jobsText(counts)}
      className={cn('flex h-1.5 gap-px overflow-hidden rounded-full bg-raised', className)}
    >
      {shown.map((outcome) => (
        <span
          key={outcome}
          style={{ flexGrow: counts[outcome] }}
          className={cn('min-w-1', outcome === 'waiting' ? 'bg-line-strong' : TONE_BLOCK[OUTCOME[outcome].tone])}
        />
      ))}
    </span>
  )
}
