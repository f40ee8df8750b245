/** Terminal card: a shell of the device, until the person closes it or the grant ends. */
import { problemOf } from '@skerry/client/problem'
import type { AccessGrantId } from '@skerry/contract/values/ids'
import { CircleDot } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Badge } from '../../../components/facts/badge.tsx'
import { accessTexts } from './english-access.ts'
import { openTerminal } from './open-terminal.ts'
import { openSessionSocket, type SessionSocket } from './session-socket.ts'

const words = accessTexts.terminal

type CardProps = { device: string; grant: AccessGrantId; onClose: () => void }

export function TerminalCard({ device, grant, onClose }: CardProps) {
  const box = useRef<HTMLDivElement>(null)
  const [status, setStatus] = useState<string | undefined>(words.connecting)
  useEffect(() => {
    if (!box.current) return
    return runTerminal(box.current, { device, grant, onStatus: setStatus })
  }, [device, grant])
  return (
    <Card
      title={words.title(device)}
      isFlush
      aside={
        <span className="flex items-center gap-3">
          <Badge tone="bad" icon={CircleDot} isPlain>
            {words.recorded}
          </Badge>
          <Button isSmall onClick={onClose}>
            {words.close}
          </Button>
        </span>
      }
    >
      <section ref={box} aria-label={words.region} className="h-[26rem] overflow-hidden bg-[#10151c] p-2" />
      <p role="status" className="border-t border-line px-4 py-2 text-sm text-soft empty:hidden">
        {status}
      </p>
    </Card>
  )
}

type Running = Omit<CardProps, 'onClose'> & { onStatus: (status: string | undefined) => void }

/** Returns the function that ends it. */
function runTerminal(element: HTMLElement, { device, grant, onStatus }: Running): () => void {
  const shown = openTerminal(element)
  const { terminal } = shown
  let socket: SessionSocket | undefined
  let isOver = false
  let isWaiting = false
  shown.fit()
  const size = () => ({ columns: terminal.cols, rows: terminal.rows })
  const observer = new ResizeObserver(() => shown.fit())
  observer.observe(element)
  terminal.onResize(() => socket?.resize(size()))
  terminal.onData((text) => socket?.type(text))
  // Bytes that are no text: the mouse reports of old programs.
  terminal.onBinary((text) => socket?.type(text))
  const end = (how: { exitCode: number } | { code: string }) => {
    terminal.options.disableStdin = true
    terminal.options.cursorBlink = false
    if ('exitCode' in how) return onStatus(words.exited(how.exitCode))
    onStatus(how.code === '' ? words.lost : words.cut(words.ends[how.code] ?? how.code))
  }
  const events = {
    onOutput(bytes: Uint8Array) {
      if (isWaiting) onStatus(undefined)
      isWaiting = false
      terminal.write(bytes)
    },
    onOpen(isModerated: boolean) {
      isWaiting = isModerated
      onStatus(isModerated ? words.waiting : undefined)
      terminal.focus()
    },
    onEnd: (how: Parameters<typeof end>[0]) => isOver || end(how),
  }
  openSessionSocket({ device, grant, size: size() }, events).then(
    (opened) => {
      socket = opened
      if (isOver) opened[Symbol.dispose]()
    },
    (error: unknown) => isOver || onStatus(problemOf(error).message),
  )
  return () => {
    isOver = true
    observer.disconnect()
    socket?.[Symbol.dispose]()
    shown[Symbol.dispose]()
  }
}
