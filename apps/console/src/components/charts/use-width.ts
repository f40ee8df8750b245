/** Width: the current width of an element in pixels. */
import { useLayoutEffect, useRef, useState } from 'react'

/** A ref for the element, and its width; 0 before it is on the page. The first drawn frame has the width already. */
export function useWidth() {
  const box = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    if (!box.current) return
    setWidth(box.current.clientWidth)
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0))
    observer.observe(box.current)
    return () => observer.disconnect()
  }, [])
  return [box, width] as const
}
