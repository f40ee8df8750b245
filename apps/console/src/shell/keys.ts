/** Keys: the keyboard shortcuts of every page. */
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { destinations } from './navigation.ts'

/** The time between `g` and the letter of a page. */
const CHORD_MS = 1_200

type Actions = { onPalette: () => void; onHelp: () => void }

/** Listens while the page is there. Letters count only if nobody is typing in a field. */
export function useKeys(actions: Actions): void {
  const navigate = useNavigate()
  const latest = useRef(actions)
  latest.current = actions
  useEffect(() => {
    let chordUntilMs = 0
    const onLetter = (event: KeyboardEvent) => {
      const destination = event.timeStamp < chordUntilMs && destinations.find(({ letter }) => letter === event.key)
      chordUntilMs = event.key === 'g' ? event.timeStamp + CHORD_MS : 0
      if (destination) void navigate({ to: destination.to })
      if (event.key === '?') latest.current.onHelp()
      if (event.key === '/') focusFilter(event)
    }
    const onKey = (event: KeyboardEvent) => {
      const isControl = event.ctrlKey || event.metaKey
      if (!isControl && !event.altKey && !isWriting(event.target)) onLetter(event)
      if (!isControl || event.key.toLowerCase() !== 'k') return
      event.preventDefault()
      latest.current.onPalette()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [navigate])
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, [role=dialog], [role=menu]') !== null
}

function focusFilter(event: KeyboardEvent) {
  const filter = document.querySelector<HTMLInputElement>('[data-filter]')
  if (!filter) return
  event.preventDefault()
  filter.focus()
  filter.select()
}
