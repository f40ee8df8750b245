/** Alert marks: the colour and the icon of how grave an alert is, and its words with their commands set as such. */
import type { AlertSeverity } from '@skerry/contract/alerts/alert'
import { CircleX, Info, type LucideIcon, TriangleAlert } from 'lucide-react'
import { texts } from '../../texts/english.ts'
import { cn } from '../class-names.ts'
import { TONE_TEXT, type Tone } from './tones.ts'

const TONE: Readonly<Record<AlertSeverity, Tone>> = { critical: 'bad', warning: 'warn', info: 'busy' }
const ICON: Readonly<Record<AlertSeverity, LucideIcon>> = { critical: CircleX, warning: TriangleAlert, info: Info }

/** The icon, which says in words what its colour says. */
export function SeverityMark({ severity, className }: { severity: AlertSeverity; className?: string }) {
  const Icon = ICON[severity]
  return (
    <Icon
      size={17}
      role="img"
      aria-label={texts.alerts.severity[severity]}
      className={cn('shrink-0', TONE_TEXT[TONE[severity]], className)}
    />
  )
}

/** Hub messages begin small; a line of the page begins with a capital. Names of devices and sites stay as they are written. */
export const sentenceOf = (message: string): string =>
  /^(the|[0-9])/.test(message) ? message.charAt(0).toUpperCase() + message.slice(1) : message

/** Words in which commands stand between back quotes. */
export const WithCommands = ({ text }: { text: string }) =>
  text.split('`').map((part, index) =>
    index % 2 === 1 ? (
      <code key={part} className="rounded bg-raised px-1 py-px font-mono text-[0.92em]">
        {part}
      </code>
    ) : (
      part
    ),
  )
