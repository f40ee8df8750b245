/** Use test read: has a device try what a source says, once, until it answers or nobody waits any more. */
import { type Problem, problemOf } from '@skerry/client/problem'
import type { ConnectionSpec } from '@skerry/contract/connections/connection'
import { useEffect, useRef, useState } from 'react'
import { hub } from '../../../hub/hub-client.ts'

export type TestWish = {
  device: string
  spec: ConnectionSpec
  /** Undefined for the first of them all. */
  tags: readonly string[] | undefined
  /** Those that were wanted as well, and are too many. */
  leftCount: number
  waitMs: number
}
export type Tested = Awaited<ReturnType<typeof hub.source.test>>

export type Trial =
  | { kind: 'none' | 'cancelled' }
  | { kind: 'running'; wish: TestWish; sinceMs: number }
  | { kind: 'read'; wish: TestWish; found: Tested; heardAtMs: number }
  | { kind: 'failed'; wish: TestWish; problem: Problem }

export function useTestRead() {
  const [trial, setTrial] = useState<Trial>({ kind: 'none' })
  const running = useRef<AbortController>(undefined)
  // Who leaves the page waits no longer, and neither does the device.
  useEffect(() => () => running.current?.abort(), [])
  const begin = async (wish: TestWish) => {
    running.current?.abort()
    const controller = new AbortController()
    running.current = controller
    setTrial({ kind: 'running', wish, sinceMs: Date.now() })
    const next = await tried(wish, controller.signal)
    if (!controller.signal.aborted) setTrial(next)
  }
  const cancel = () => {
    running.current?.abort()
    setTrial({ kind: 'cancelled' })
  }
  return { trial, begin, cancel }
}

async function tried(wish: TestWish, signal: AbortSignal): Promise<Trial> {
  const { device, spec, tags, waitMs } = wish
  try {
    const asked = { device, source: spec.name, spec, waitMs, ...(tags && { tags: [...tags] }) }
    const found = await hub.source.test(asked, { signal })
    return { kind: 'read', wish, found, heardAtMs: Date.now() }
  } catch (error) {
    return { kind: 'failed', wish, problem: problemOf(error) }
  }
}
