/** Asking: sends one prompt at a time to a device, and holds the answer as it comes. */
import { problemOf } from '@skerry/client/problem'
import type { AskPart, AskQuestion } from '@skerry/contract/language-models/asking'
import { useEffect, useRef, useState } from 'react'
import { hub } from '../../hub/hub-client.ts'

export type Done = Extract<AskPart, { kind: 'done' }>

export type AskedAnswer = {
  device: string
  text: string
  /** Whether a schema bound it. */
  isBound: boolean
  state:
    | { kind: 'running' | 'stopped' }
    | { kind: 'done'; done: Done }
    | { kind: 'failed'; code: string; message: string }
}

export type Wish = AskQuestion & { device: string; model: string }

/** The last answer of this page. */
export function useAsking() {
  const [answer, setAnswer] = useState<AskedAnswer>()
  const current = useRef<AbortController>(null)
  // Leaving the page ends the answer, and gives the device its turn back.
  useEffect(() => () => current.current?.abort(), [])
  const ask = async (wish: Wish) => {
    current.current?.abort()
    const controller = new AbortController()
    current.current = controller
    const { signal } = controller
    setAnswer({ device: wish.device, text: '', isBound: wish.schema !== undefined, state: { kind: 'running' } })
    const change = (next: (before: AskedAnswer) => AskedAnswer) => {
      if (!signal.aborted) setAnswer((before) => before && next(before))
    }
    try {
      for await (const part of await hub.device.ask(wish, { signal })) change((before) => withPart(before, part))
    } catch (error) {
      const { code, message } = problemOf(error)
      change((before) => ({ ...before, state: { kind: 'failed', code, message } }))
    }
  }
  const stop = () => {
    current.current?.abort()
    setAnswer((before) => before && { ...before, state: { kind: 'stopped' } })
  }
  return { answer, ask, stop }
}

function withPart(before: AskedAnswer, part: AskPart): AskedAnswer {
  switch (part.kind) {
    case 'text':
      return { ...before, text: before.text + part.text }
    case 'done':
      return { ...before, state: { kind: 'done', done: part } }
    case 'failed':
      return { ...before, state: part }
  }
}
