/**
 * Use settled: a value after nobody has changed it for a moment, so that the hub gets no requests about half a word.
 */
import { useEffect, useRef, useState } from 'react'

/** Longer than the pause between two key strokes of a slow typist. */
const SETTLED_MS = 300

/** The value after its last pause. */
export function useSettled<Value>(value: Value): Value {
  const [settled, setSettled] = useState(value)
  const latest = useRef(value)
  latest.current = value
  const key = JSON.stringify(value)
  useEffect(() => {
    if (JSON.stringify(settled) === key) return
    const timer = setTimeout(() => setSettled(latest.current), SETTLED_MS)
    return () => clearTimeout(timer)
  }, [key, settled])
  // An equal value counts as unchanged, even as a new object.
  return JSON.stringify(settled) === key ? value : settled
}
