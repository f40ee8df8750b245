/** Standing list: how far a device is with each part of a system. */
import type { PartStanding, PartState } from '@skerry/contract/systems/system-release'
import { cn } from '../../components/class-names.ts'
import { systemTexts as words } from './english-systems.ts'

const TONES: Readonly<Record<PartState, string>> = {
  installed: 'text-good',
  moving: 'font-medium',
  waiting: 'text-soft',
  returning: 'text-bad',
  returned: 'text-soft',
}

export function StandingList({ parts }: { parts: readonly PartStanding[] }) {
  return (
    <ol aria-label={words.standing} className="mt-2.5 flex list-inside list-decimal flex-col gap-1">
      {parts.map(({ name, kind, version, before, state, failure }) => (
        <li key={name} className="wrap-anywhere">
          <span className="font-medium">
            {name}:{version}
          </span>{' '}
          <span className="text-soft">
            ({kind}
            {before !== undefined && before !== version && `, ${words.before(before)}`})
          </span>{' '}
          <span className={cn(TONES[state])}>{words.states[state]}</span>
          {failure && <span className="text-bad">: {failure.message}</span>}
        </li>
      ))}
    </ol>
  )
}
