/**
 * Shared stream: one tab of the browser follows the hub and posts each event to the other tabs. A browser opens only
 * six connections to a hub, so the seventh tab with a stream of its own would never load.
 */

export type SharedStream<Event> = {
  /**
   * Runs `follow` when no other tab does. Until then, this tab receives the events of the tab that does. Returns true
   * without a run if the signal fires first.
   */
  follow(follow: () => Promise<boolean>, signal: AbortSignal): Promise<boolean>
  /** Posts an event to the other tabs, during `follow`. */
  post(event: Event): void
  close(): void
}

/**
 * All tabs with this name share a stream. A page over plain HTTP has no locks [Web Locks, secure contexts], and follows
 * by itself.
 */
export function shareStream<Event>(name: string, onEvent: (event: Event) => void): SharedStream<Event> {
  if (!('locks' in navigator)) return { follow: (follow) => follow(), post: () => undefined, close: () => undefined }
  const channel = new BroadcastChannel(name)
  let latest: Event | undefined
  channel.onmessage = ({ data }: MessageEvent<Event | undefined>) => {
    if (data !== undefined) onEvent(data)
    // A new tab requests the newest event. Only the tab that follows has it.
    else if (latest !== undefined) channel.postMessage(latest)
  }
  channel.postMessage(undefined)
  return {
    async follow(follow, signal) {
      try {
        return await navigator.locks.request(name, { signal }, follow)
      } catch {
        return true
      } finally {
        latest = undefined
      }
    },
    post(event) {
      latest = event
      channel.postMessage(event)
    },
    close: () => channel.close(),
  }
}
