/** Use settled: a value once nobody has changed it for a moment, so that the hub is not asked about half a word. */
import { useEffect, useRef, useState } from 'react'

/** A pause between two key strokes of somebody who writes slowly. */
const SETTLED_MS = 300

/** The value as it was when it was last left alone. */
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
  // The same said again is the same, whatever object it comes in.
  return JSON.stringify(settled) === key ? value : settled
}
