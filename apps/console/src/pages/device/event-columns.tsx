/** Event columns: what the history of a device shows of each event. */
import type { DeviceEvent } from '@skerry/contract/devices/device-event'
import {
  Activity,
  Boxes,
  CircleCheck,
  Eraser,
  KeyRound,
  type LucideIcon,
  Network,
  Power,
  RotateCcw,
  Server,
  ShieldAlert,
  ShieldCheck,
  Tags,
  Target,
  TriangleAlert,
  UserCheck,
  UserX,
} from 'lucide-react'
import { cn } from '../../components/class-names.ts'
import { Instant } from '../../components/facts/instant.tsx'
import { itemTone, TONE_TEXT, type Tone } from '../../components/facts/tones.ts'
import type { Column } from '../../components/rows/data-table.tsx'
import { deviceWords as words } from './english-device.ts'
import { changeText } from './event-words.ts'

type Change = DeviceEvent['change']

const ICON: Readonly<Record<Change['kind'], LucideIcon>> = {
  item: Boxes,
  'condition-raised': TriangleAlert,
  'condition-cleared': CircleCheck,
  'agent-started': Power,
  'agent-updated': Power,
  endpoints: Network,
  generation: Target,
  'heard-again': Activity,
  joined: Server,
  approved: UserCheck,
  duplicated: TriangleAlert,
  denied: UserX,
  revoked: UserX,
  certified: KeyRound,
  relabelled: Tags,
  'conflict-paused': TriangleAlert,
  resumed: UserCheck,
  quarantined: ShieldAlert,
  released: ShieldCheck,
  'wipe-ordered': Eraser,
  wiped: Eraser,
  'retry-asked': RotateCcw,
}

/** Kinds that have a meaning of their own; a model has that of its state. */
const TONE: Partial<Readonly<Record<Change['kind'], Tone>>> = {
  'condition-raised': 'warn',
  'conflict-paused': 'warn',
  quarantined: 'warn',
  'condition-cleared': 'good',
  duplicated: 'bad',
  denied: 'bad',
  revoked: 'bad',
  'wipe-ordered': 'bad',
  wiped: 'bad',
}

const toneOf = (change: Change): Tone =>
  change.kind === 'item' && change.after ? itemTone(change.after.state) : (TONE[change.kind] ?? 'idle')

export const eventColumns: readonly Column<DeviceEvent>[] = [
  {
    id: 'at',
    header: words.eventColumns.at,
    width: '6.5rem',
    sortValue: ({ sequence }) => sequence,
    cell: ({ atMs }) => (
      <span className="text-soft">
        <Instant ms={atMs} />
      </span>
    ),
  },
  {
    id: 'kind',
    header: words.eventColumns.kind,
    width: '11rem',
    sortValue: ({ change }) => words.kinds[change.kind],
    cell: ({ change }) => {
      const Icon = ICON[change.kind]
      return (
        <span className="flex items-center gap-2">
          <Icon size={15} aria-hidden className={cn('shrink-0', TONE_TEXT[toneOf(change)])} />
          <span className="truncate">{words.kinds[change.kind]}</span>
        </span>
      )
    },
  },
  {
    id: 'detail',
    header: words.eventColumns.detail,
    width: 'minmax(14rem, 1fr)',
    cell: ({ change, atMs }) => {
      const text = changeText(change, atMs)
      return <span title={text}>{text}</span>
    },
  },
]
