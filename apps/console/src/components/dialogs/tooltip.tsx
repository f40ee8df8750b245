/**
 * Tooltip: a word more about something, on hover and on focus. One layer for the whole page, found by an attribute: a table with
 * hundreds of them costs nothing until one is pointed at.
 */
import { cloneElement, type ReactElement, useEffect, useLayoutEffect, useRef, useState } from 'react'

type TooltipProps = {
  /** A line break begins a new line. */
  text: string
  /** One element, which takes attributes. */
  children: ReactElement<{ 'data-tooltip'?: string }>
}

/** Says the text about its child. */
export const Tooltip = ({ text, children }: TooltipProps) => cloneElement(children, { 'data-tooltip': text })

const ID = 'tooltip'
/** Somebody who only passes over does not ask. */
const DELAY_MS = 200
const GAP_PX = 6
const EDGE_PX = 8

type Shown = { target: Element; text: string }

/** Where tooltips show; once in the page. */
export function TooltipLayer() {
  const shown = useShown()
  const box = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    if (!shown || !box.current) return
    place(box.current, shown.target)
    // What is its name already need not be said twice.
    if (shown.target.getAttribute('aria-label') === shown.text) return
    shown.target.setAttribute('aria-describedby', ID)
    return () => shown.target.removeAttribute('aria-describedby')
  }, [shown])
  if (!shown) return null
  return (
    <div
      ref={box}
      id={ID}
      role="tooltip"
      className="pointer-events-none fixed top-0 left-0 z-60 max-w-80 rounded-md bg-text px-2.5 py-1.5 text-xs leading-snug whitespace-pre-line text-ground shadow-float"
    >
      {shown.text}
    </div>
  )
}

function useShown(): Shown | undefined {
  const [shown, setShown] = useState<Shown>()
  useEffect(() => {
    let timer: number | undefined
    const hide = () => {
      window.clearTimeout(timer)
      setShown(undefined)
    }
    const show = (event: Pick<Event, 'target'>, delayMs: number) => {
      const target = event.target instanceof Element ? event.target.closest('[data-tooltip]') : null
      hide()
      const text = target?.getAttribute('data-tooltip')
      if (target && text) timer = window.setTimeout(() => setShown({ target, text }), delayMs)
    }
    const onOver = (event: Event) => show(event, DELAY_MS)
    const onFocus = (event: Event) => {
      if (event.target instanceof Element && event.target.matches(':focus-visible')) show(event, 0)
    }
    // To focus what is out of sight scrolls it into sight: what it says goes with it. A pointer that scrolls has gone on.
    const onScroll = () => {
      const focused = document.activeElement
      if (focused?.matches('[data-tooltip]:focus-visible')) show({ target: focused }, 0)
      else hide()
    }
    const onKey = (event: KeyboardEvent) => event.key === 'Escape' && hide()
    const listeners = [
      ['pointerover', onOver],
      ['focusin', onFocus],
      ['focusout', hide],
      ['pointerdown', hide],
      ['scroll', onScroll],
      ['keydown', onKey],
    ] as const
    for (const [name, listener] of listeners) document.addEventListener(name, listener as EventListener, true)
    return () => {
      window.clearTimeout(timer)
      for (const [name, listener] of listeners) document.removeEventListener(name, listener as EventListener, true)
    }
  }, [])
  return shown
}

/** Above its target, or below where there is no room; never over the edge. */
function place(box: HTMLElement, target: Element) {
  const around = target.getBoundingClientRect()
  const { width, height } = box.getBoundingClientRect()
  const middle = around.left + around.width / 2 - width / 2
  const left = Math.max(EDGE_PX, Math.min(middle, window.innerWidth - width - EDGE_PX))
  const above = around.top - height - GAP_PX
  const top = above < EDGE_PX ? around.bottom + GAP_PX : above
  box.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`
}
