/** Web cut text: the parts of a page that do not fit its width. */
import type { Page } from 'playwright-core'

/**
 * Texts that are cut without a way to read them whole, controls past the edge of the window, and the page itself if it
 * scrolls sideways. A box with a scroll bar of its own may be wider, and a shortened text needs a title or a tooltip.
 */
export const unfitting = (page: Page): Promise<string[]> => page.evaluate<string[]>(FIND)

const FIND = `(() => {
  const found = []
  const root = document.documentElement
  if (root.scrollWidth > root.clientWidth) found.push('the page is ' + (root.scrollWidth - root.clientWidth) + ' px too wide')
  const scrolls = (each) => ['auto', 'scroll'].includes(getComputedStyle(each).overflowX)
  const inScroller = (each) => { for (let at = each; at; at = at.parentElement) if (scrolls(at)) return true; return false }
  const isShown = (each) => each.checkVisibility({ opacityProperty: true, visibilityProperty: true })
  const isForReaders = (each) => each.closest('.sr-only') !== null
  for (const each of document.querySelectorAll('body *')) {
    const text = [...each.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '')
    const isControl = each.matches('button, a, input, select')
    if (!(text || isControl) || !isShown(each) || isForReaders(each)) continue
    const name = (each.textContent || each.getAttribute('aria-label') || each.tagName).trim().slice(0, 80)
    const box = each.getBoundingClientRect()
    if (box.width <= 1) continue
    if (box.width > 0 && !inScroller(each) && (box.right > root.clientWidth + 1 || box.left < -1)) found.push('past the edge: ' + name)
    const isCut = text && getComputedStyle(each).overflowX !== 'visible' && !scrolls(each) && each.scrollWidth > each.clientWidth + 1
    if (isCut && !each.closest('[title], [data-tooltip]')) found.push('cut: ' + name)
  }
  return [...new Set(found)]
})()`
