/** Use scroll edges: marks the sides on which an element has more to scroll to. The style `scroll-edges` shows them. */
import { type RefObject, useLayoutEffect } from 'react'

/** Positions are rounded on screens with fractional pixels. */
const ROUNDING_PX = 1

/** Sets `data-more` to `left`, `right`, `left right` or nothing, without a new drawing of the element. */
export function useScrollEdges(element: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const { current } = element
    if (!current) return
    const mark = () => {
      const { scrollLeft, scrollWidth, clientWidth } = current
      const hidden = { left: scrollLeft, right: scrollWidth - clientWidth - scrollLeft }
      const more = (['left', 'right'] as const).filter((side) => hidden[side] > ROUNDING_PX).join(' ')
      if (current.dataset.more !== more) current.dataset.more = more
    }
    mark()
    const observer = new ResizeObserver(mark)
    observer.observe(current)
    if (current.firstElementChild) observer.observe(current.firstElementChild)
    current.addEventListener('scroll', mark, { passive: true })
    return () => {
      observer.disconnect()
      current.removeEventListener('scroll', mark)
    }
  }, [element])
}
