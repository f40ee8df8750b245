/**
 * While shown: work that rests while the page lies in the browser's back/forward cache. A stream of such a page would
 * keep its connection, and a browser opens only six connections to a hub.
 */

/** Begins now, and again each time the page returns from the cache. Returns a function that ends the work. */
export function whileShown(begin: (signal: AbortSignal) => void): () => void {
  let stop = new AbortController()
  const onHide = () => stop.abort()
  const onShow = () => {
    // [HTML, pageshow] A browser also sends the event after the first load.
    if (!stop.signal.aborted) return
    stop = new AbortController()
    begin(stop.signal)
  }
  window.addEventListener('pagehide', onHide)
  window.addEventListener('pageshow', onShow)
  begin(stop.signal)
  return () => {
    window.removeEventListener('pagehide', onHide)
    window.removeEventListener('pageshow', onShow)
    stop.abort()
  }
}
