/** Wave gates: the gates of a wave, each with its state, its value and its limit. */
import type { Rollout, RolloutWave } from '@skerry/contract/rollouts/rollout'
import { type Gate, type GateState, gatesOf } from '@skerry/core/rollouts/views/wave-gates'
import { CircleCheck, CircleDashed, CircleHelp, CircleX, Hourglass, type LucideIcon } from 'lucide-react'
import { cn } from '../../components/class-names.ts'
import { useNowMs } from '../../components/facts/instant.tsx'
import { TONE_TEXT, type Tone } from '../../components/facts/tones.ts'
import { rolloutPageTexts } from './english-rollout.ts'

const words = rolloutPageTexts.rolloutPage

const LOOK: Readonly<Record<GateState, { tone: Tone; icon: LucideIcon }>> = {
  pending: { tone: 'busy', icon: Hourglass },
  met: { tone: 'good', icon: CircleCheck },
  'not-reached': { tone: 'idle', icon: CircleDashed },
  failed: { tone: 'bad', icon: CircleX },
  inconclusive: { tone: 'warn', icon: CircleHelp },
}

/** The list. The clocks of hub and browser may differ a little, which shows only in a soak. */
export function WaveGates({ rollout, wave }: { rollout: Rollout; wave: RolloutWave }) {
  const gates = gatesOf(rollout, wave, useNowMs())
  return (
    <ul aria-label={words.gatesOf(wave.name)} className="flex flex-col gap-1 text-xs">
      {gates.map((gate) => (
        <GateLine key={keyOf(gate)} gate={gate} />
      ))}
    </ul>
  )
}

function keyOf(gate: Gate): string {
  if (gate.kind === 'analysis') return `${gate.kind} ${gate.name}`
  return gate.kind === 'failures' ? `${gate.kind} ${gate.only} ${gate.limit}` : gate.kind
}

function GateLine({ gate }: { gate: Gate }) {
  const { tone, icon: Icon } = LOOK[gate.state]
  return (
    <li className="grid grid-cols-[auto_minmax(0,1fr)] items-baseline gap-x-1.5">
      <Icon size={12} strokeWidth={2.5} aria-hidden className={cn('translate-y-px', TONE_TEXT[tone])} />
      <span>
        <span className="font-medium">{words.gateName(gate)}</span>{' '}
        <span className={TONE_TEXT[tone]}>{words.gateState[gate.state]}</span>
        <span className="block text-soft">{words.gateText(gate)}</span>
      </span>
    </li>
  )
}
