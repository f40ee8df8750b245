/** Replay dialog: plays the recording of a terminal, and compares its digest with the one in the audit trail. */
import type { AccessSession } from '@skerry/contract/access/access'
import { type Cast, readCast } from '@skerry/core/access/recording'
import { useQuery } from '@tanstack/react-query'
import { CircleCheck, Download, Pause, Play, TriangleAlert } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Dialog } from '../../../components/dialogs/dialog.tsx'
import { Badge } from '../../../components/facts/badge.tsx'
import { Select } from '../../../components/fields.tsx'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { saveText } from '../../playground/save-text.ts'
import { accessTexts } from './english-access.ts'
import { openTerminal } from './open-terminal.ts'
import { createPlayer, type Player } from './player.ts'

const words = accessTexts.replay

const SPEEDS = [1, 2, 4, 8] as const

type DialogProps = { session: AccessSession; onClose: () => void }

/** Shown while it is in the page. */
export function ReplayDialog({ session, onClose }: DialogProps) {
  const { data, error } = useQuery({
    queryKey: ['recordings', session.id],
    queryFn: async ({ signal }) => {
      const { text } = await hub.access.recording({ device: session.device, accessSession: session.id }, { signal })
      return { text, cast: readCast(text), digest: await digestOf(text) }
    },
    // Each fetch is in the audit trail.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  })
  return (
    <Dialog
      isOpen
      isWide
      onClose={onClose}
      title={words.title}
      lead={words.lead(session.device, session.holder.name)}
      footer={
        data && (
          <>
            <Matches digest={data.digest} recorded={session.recording?.digest} />
            <Button isSmall onClick={() => saveText(`${session.id}.cast`, data.text, 'application/x-asciicast')}>
              <Download size={13} aria-hidden />
              {words.save}
            </Button>
          </>
        )
      }
    >
      {error ? <Failure error={error} /> : null}
      {!data && !error && <Loading rows={8} />}
      {data && !data.cast && <p className="text-sm text-bad">{words.unreadable}</p>}
      {data?.cast && <CastPlayer cast={data.cast} />}
    </Dialog>
  )
}

const Matches = ({ digest, recorded }: { digest: string; recorded: string | undefined }) => (
  <span className="mr-auto">
    <Badge isPlain tone={digest === recorded ? 'good' : 'bad'} icon={digest === recorded ? CircleCheck : TriangleAlert}>
      {digest === recorded ? words.matches : words.differs}
    </Badge>
  </span>
)

/** [contract, Digest] The SHA-256 of the exact text. */
async function digestOf(text: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return `sha256:${Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

function CastPlayer({ cast }: { cast: Cast }) {
  const box = useRef<HTMLDivElement>(null)
  const player = useRef<Player>(undefined)
  const [state, setState] = useState({ atMs: 0, isPlaying: false, endMs: 0 })
  const [speed, setSpeed] = useState<number>(1)
  useEffect(() => {
    if (!box.current) return
    const shown = openTerminal(box.current, { isReadOnly: true, size: cast })
    const made = createPlayer(cast, shown.terminal, setState)
    player.current = made
    made.play()
    return () => {
      made[Symbol.dispose]()
      shown[Symbol.dispose]()
    }
  }, [cast])
  const isOver = state.atMs >= state.endMs
  const verb = state.isPlaying ? words.pause : isOver ? words.again : words.play
  return (
    <div className="flex flex-col gap-3">
      <section
        ref={box}
        aria-label={words.region}
        className="max-h-[24rem] overflow-auto rounded-md bg-[#10151c] p-2"
      />
      <div className="flex flex-wrap items-center gap-3">
        <Button
          isSmall
          onClick={() => (state.isPlaying ? player.current?.pause() : player.current?.play(isOver ? 0 : undefined))}
        >
          {state.isPlaying ? <Pause size={13} aria-hidden /> : <Play size={13} aria-hidden />}
          {verb}
        </Button>
        <input
          type="range"
          aria-label={words.position}
          className="min-w-32 flex-1 accent-accent"
          min={0}
          max={Math.max(1, Math.ceil(state.endMs))}
          value={Math.round(state.atMs)}
          onChange={({ target }) => player.current?.seek(Number(target.value))}
        />
        <span className="text-xs text-soft tabular">
          {clockText(state.atMs)} / {clockText(state.endMs)}
        </span>
        <Select
          aria-label={words.speed}
          className="w-20"
          value={speed}
          onChange={({ target }) => {
            setSpeed(Number(target.value))
            player.current?.setSpeed(Number(target.value))
          }}
        >
          {SPEEDS.map((each) => (
            <option key={each} value={each}>
              {each}×
            </option>
          ))}
        </Select>
      </div>
    </div>
  )
}

const clockText = (ms: number) => {
  const seconds = Math.floor(ms / 1_000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
