/**
 * Use draft: the draft during typing, and the address that keeps it. The address follows a moment later, so that no key
 * stroke waits for it.
 */
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect, useRef, useState } from 'react'
import { type Draft, deploySearch, type FormStep } from './draft-search.ts'

/** The time between two writes to the address. Browsers reject more than some hundred a minute. */
const WRITTEN_MS = 250

export type DraftState = {
  draft: Draft
  /** Changes fields. Undefined restores the default. */
  change: (fields: Partial<Draft>) => void
  /** Opens another step. The back button returns from it. */
  go: (step: FormStep) => void
}

const keyOf = (draft: Draft) => JSON.stringify(deploySearch(draft))

/** The draft of the page at /deploy. */
export function useDraft(): DraftState {
  const search = useSearch({ from: '/inside/deploy' })
  const navigate = useNavigate({ from: '/deploy' })
  const router = useRouter()
  const [draft, setDraft] = useState<Draft>(search)
  /**
   * The address as this page wrote it, or is about to write it. Any other address came from the back button or from a
   * link.
   */
  const written = useRef(keyOf(search))
  useEffect(() => {
    if (keyOf(search) === written.current) return
    written.current = keyOf(search)
    setDraft(search)
  }, [search])
  useEffect(() => {
    if (keyOf(draft) === written.current) return
    const timer = setTimeout(() => {
      // A person may be on the way to another page, which may take a moment to load. Do not call them back to this one.
      if (router.latestLocation.pathname !== '/deploy') return
      written.current = keyOf(draft)
      void navigate({ search: deploySearch(draft), replace: true })
    }, WRITTEN_MS)
    return () => clearTimeout(timer)
  }, [draft, navigate, router])
  const change = useCallback((fields: Partial<Draft>) => setDraft((before) => ({ ...before, ...fields })), [])
  const go = useCallback(
    (step: FormStep) => {
      const write = async () => {
        const now = deploySearch(draft)
        if (keyOf(search) !== keyOf(now)) {
          // The back button returns to this step as the person left it.
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
