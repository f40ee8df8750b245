/** Watch dialog: the terminal of another person while it is open. */
import { problemOf } from '@skerry/client/problem'
import type { AccessSession } from '@skerry/contract/access/access'
import { castEvents } from '@skerry/core/access/recording'
import { CircleDot } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Dialog } from '../../../components/dialogs/dialog.tsx'
import { Badge } from '../../../components/facts/badge.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { accessTexts } from './english-access.ts'
import { openTerminal } from './open-terminal.ts'
import { drawEvent, type Screen } from './player.ts'

const words = accessTexts.watch

/** The hub writes a part of the recording each second. */
const LOOK_MS = 1_000

type DialogProps = { session: AccessSession; onClose: () => void }

/** Watches while it is in the page. */
export function WatchDialog({ session, onClose }: DialogProps) {
  const [status, setStatus] = useState<string>()
  return (
    <Dialog
      isOpen
      isWide
      onClose={onClose}
      title={words.title(session.holder.name)}
      lead={words.lead(session.device)}
      footer={
        status === undefined && (
          <span className="mr-auto">
            <Badge tone="bad" icon={CircleDot} isPlain>
              {words.live}
            </Badge>
          </span>
        )
      }
    >
      <Watched session={session} onStatus={setStatus} />
      <p role="status" className="text-sm text-soft empty:hidden">
        {status}
      </p>
    </Dialog>
  )
}

/** A component of its own, because a dialog puts its content into the page after its own effects. */
function Watched({ session, onStatus }: { session: AccessSession; onStatus: (status: string) => void }) {
  const box = useRef<HTMLDivElement>(null)
  const { device, id } = session
  useEffect(() => {
    if (!box.current) return
    const leave = new AbortController()
    const shown = openTerminal(box.current, { isReadOnly: true, size: { columns: 80, rows: 24 } })
    watch({ device, accessSession: id }, shown.terminal, leave.signal)
      .then(onStatus)
      .catch((error: unknown) => leave.signal.aborted || onStatus(problemOf(error).message))
    return () => {
      leave.abort()
      shown[Symbol.dispose]()
    }
  }, [device, id, onStatus])
  return (
    <section ref={box} aria-label={words.region} className="max-h-[24rem] overflow-auto rounded-md bg-[#10151c] p-2" />
  )
}

type About = Pick<Parameters<typeof hub.access.live>[0], 'device' | 'accessSession'>

/** Resolves with the end of the session in words. */
async function watch(about: About, screen: Screen, signal: AbortSignal): Promise<string> {
  await hub.access.watch(about, { signal })
  let after = 0
  for (;;) {
    const { session, text, next } = await hub.access.live({ ...about, after }, { signal })
    // The first line of a recording has the size of the terminal.
    const [head = ''] = after === 0 ? text.split('\n', 1) : []
    const [, columns, rows] = /"width":(\d{1,4}),"height":(\d{1,4})/.exec(head) ?? []
    if (columns !== undefined && rows !== undefined) screen.resize(Number(columns), Number(rows))
    for (const event of castEvents(text)) drawEvent(screen, event)
    const isNew = next > after
    after = next
    if (isNew) continue
    if (session.endedAtMs !== undefined) return words.over(accessTexts.sessions.ended(session.ended ?? 'closed'))
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    signal.throwIfAborted()
  }
}
