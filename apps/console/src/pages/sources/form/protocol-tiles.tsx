/** Protocol tiles: the protocols to choose from, each with the equipment that it was tested against. */
import type { ConnectionKind } from '@skerry/contract/connections/connection'
import { UNPROVEN } from '@skerry/contract/sources/source-proof'
import { CircleCheck, TriangleAlert } from 'lucide-react'
import { cn } from '../../../components/class-names.ts'
import { Badge } from '../../../components/facts/badge.tsx'
import { formTexts as words } from './english-form.ts'
import { protocolsOf } from './form-shape.ts'
import { EVIDENCE } from './generated/protocol-texts.ts'

type TilesProps = { kind: ConnectionKind; chosen: string | undefined; onChoose: (protocol: string) => void }

export const ProtocolTiles = ({ kind, chosen, onChoose }: TilesProps) => (
  <ul
    aria-label={words.choose}
    className="grid grid-cols-[repeat(auto-fill,minmax(min(14rem,100%),1fr))] items-stretch gap-2"
  >
    {protocolsOf(kind).map((protocol) => {
      const { what, tested } = evidenceOf(kind, protocol)
      return (
        <li key={protocol}>
          <button
            type="button"
            aria-pressed={protocol === chosen}
            title={`${what}. ${proofText(kind, protocol, tested)}`}
            onClick={() => onChoose(protocol)}
            className={cn(
              'flex h-full w-full flex-col gap-1 rounded-md border px-3 py-2 text-left transition-colors hover:border-accent',
              protocol === chosen ? 'border-accent bg-raised' : 'border-line',
            )}
          >
            <span className="flex flex-wrap items-center justify-between gap-x-2">
              <span className="font-mono text-sm font-semibold">{protocol}</span>
              <ProofBadge kind={kind} protocol={protocol} />
            </span>
            <span className="line-clamp-2 text-xs text-soft">{what}</span>
            <span className="mt-auto line-clamp-2 text-xs text-soft">{proofText(kind, protocol, tested)}</span>
          </button>
        </li>
      )
    })}
  </ul>
)

/** The evidence of an unproven protocol begins with its own words. */
const proofText = (kind: ConnectionKind, protocol: string, tested: string) =>
  isUnproven(kind, protocol) ? tested : `${words.tested}: ${tested}`

const isUnproven = (kind: ConnectionKind, protocol: string) => kind === 'source' && UNPROVEN.includes(protocol)

function ProofBadge({ kind, protocol }: { kind: ConnectionKind; protocol: string }) {
  return isUnproven(kind, protocol) ? (
    <Badge tone="warn" icon={TriangleAlert} isPlain>
      {words.unproven}
    </Badge>
  ) : (
    <Badge tone="good" icon={CircleCheck} isPlain>
      {words.proven}
    </Badge>
  )
}

/** A protocol may have several rows, such as Modbus over TCP and over a serial line. */
function evidenceOf(kind: ConnectionKind, protocol: string) {
  const rows = EVIDENCE[kind].filter((row) => row.protocol === protocol)
  const all = (field: 'what' | 'tested' | 'open') =>
    rows
      .map((row) => row[field])
      .filter((text) => text !== '')
      .join('; ')
  return { what: all('what'), tested: all('tested'), open: all('open') }
}

/** The evidence for the chosen protocol in full. */
export function ChosenProtocol({ kind, protocol }: { kind: ConnectionKind; protocol: string }) {
  const { what, tested, open } = evidenceOf(kind, protocol)
  return (
    <div className="flex min-w-0 flex-col gap-1 text-sm">
      <span className="flex flex-wrap items-center gap-x-3">
        <span className="font-mono font-semibold">{protocol}</span>
        <ProofBadge kind={kind} protocol={protocol} />
      </span>
      <span className="text-soft">{what}</span>
      <span className="text-xs text-soft">{proofText(kind, protocol, tested)}</span>
      {open !== '' && (
        <span className="text-xs text-soft">
          {words.open}: {open}
        </span>
      )}
    </div>
  )
}
