/** Run key: Ctrl-Enter, or Cmd-Enter, anywhere among the fields. */
import { useEffect, useRef } from 'react'

/** A ref for the element that contains the fields. */
export function useRunKey(run: () => void) {
  const box = useRef<HTMLDivElement>(null)
  const latest = useRef(run)
  latest.current = run
  useEffect(() => {
    const fields = box.current
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) latest.current()
    }
    fields?.addEventListener('keydown', onKey)
    return () => fields?.removeEventListener('keydown', onKey)
  }, [])
  return box
}
