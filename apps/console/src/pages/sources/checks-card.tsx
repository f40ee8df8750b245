/** Checks card: what is wrong with a source or a sink, each mistake with its line. */
import type { ConnectionSpec } from '@skerry/contract/connections/connection'
import { UNPROVEN } from '@skerry/contract/sources/source-proof'
import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react'
import { Card } from '../../components/card.tsx'
import { sourcesTexts } from './english-sources.ts'
import type { Flaw } from './yaml-text.ts'

const words = sourcesTexts.edit

type ChecksProps = {
  flaws: readonly Flaw[]
  sound: ConnectionSpec | undefined
  says: { blank: string; sound: (spec: ConnectionSpec) => string }
  onLine: (line: number) => void
}

export function ChecksCard({ flaws, sound, says, onLine }: ChecksProps) {
  return (
    <Card title={words.checks}>
      <div role="status" className="text-sm">
        {flaws.length === 0 && !sound && <p className="text-soft">{says.blank}</p>}
        {sound && (
          <p className="flex items-start gap-2">
            <CircleCheck size={16} className="mt-0.5 shrink-0 text-good" aria-hidden />
            <span className="min-w-0 wrap-anywhere">{says.sound(sound)}</span>
          </p>
        )}
        {sound && <Unproven protocol={String(sound.protocol)} />}
        {flaws.length > 0 && (
          <p className="flex items-center gap-2 font-medium text-bad">
            <CircleX size={16} className="shrink-0" aria-hidden />
            {words.flaws(flaws.length)}
          </p>
        )}
      </div>
      {flaws.length > 0 && (
        <ul className="mt-2 flex flex-col gap-2">
          {flaws.map(({ line, message }) => (
            <li key={`${line} ${message}`} className="flex items-baseline gap-3 text-sm">
              <button
                type="button"
                onClick={() => onLine(line)}
                className="shrink-0 rounded text-xs font-medium whitespace-nowrap text-accent hover:underline"
              >
                {words.line(line)}
              </button>
              <span className="min-w-0 wrap-anywhere">{message}</span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

const Unproven = ({ protocol }: { protocol: string }) =>
  UNPROVEN.includes(protocol) && (
    <p className="mt-2 flex items-start gap-2">
      <TriangleAlert size={16} className="mt-0.5 shrink-0 text-warn" aria-hidden />
      <span className="min-w-0 wrap-anywhere">{words.unproven(protocol)}</span>
    </p>
  )
