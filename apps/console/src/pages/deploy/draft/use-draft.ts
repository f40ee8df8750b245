/** Use draft: the draft as it is written, and the address that keeps it. The address follows a moment behind, so that no key stroke waits for it. */
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect, useRef, useState } from 'react'
import { type Draft, deploySearch, type Step } from './draft-search.ts'

/** Between two writings into the address: browsers refuse more than some hundred a minute. */
const WRITTEN_MS = 250

export type DraftState = {
  draft: Draft
  /** Changes fields; undefined makes one as usual again. */
  change: (fields: Partial<Draft>) => void
  /** Another step, which the back button undoes. */
  go: (step: Step) => void
}

const keyOf = (draft: Draft) => JSON.stringify(deploySearch(draft))

/** The draft of the page at /deploy. */
export function useDraft(): DraftState {
  const search = useSearch({ from: '/inside/deploy' })
  const navigate = useNavigate({ from: '/deploy' })
  const router = useRouter()
  const [draft, setDraft] = useState<Draft>(search)
  /** What the address holds or is about to hold because of us; anything else came from the back button, or a link. */
  const written = useRef(keyOf(search))
  useEffect(() => {
    if (keyOf(search) === written.current) return
    written.current = keyOf(search)
    setDraft(search)
  }, [search])
  useEffect(() => {
    if (keyOf(draft) === written.current) return
    const timer = setTimeout(() => {
      // Who is on the way to another page, which may take a moment to load, is not called back to this one.
      if (router.latestLocation.pathname !== '/deploy') return
      written.current = keyOf(draft)
      void navigate({ search: deploySearch(draft), replace: true })
    }, WRITTEN_MS)
    return () => clearTimeout(timer)
  }, [draft, navigate, router])
  const change = useCallback((fields: Partial<Draft>) => setDraft((before) => ({ ...before, ...fields })), [])
  const go = useCallback(
    (step: Step) => {
      const write = async () => {
        const now = deploySearch(draft)
        if (keyOf(search) !== keyOf(now)) {
          // What the back button comes back to is this step as it was left.
          written.current = keyOf(now)
          await navigate({ search: now, replace: true })
        }
        const next = deploySearch({ ...draft, step })
        written.current = keyOf(next)
        setDraft(next)
        await navigate({ search: next })
      }
      void write()
    },
    [draft, search, navigate],
  )
  return { draft, change, go }
}
