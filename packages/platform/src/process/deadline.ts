/**
 * Deadline: reports that nothing arrived in time. A thread that was busy or got no processor time reads its sockets
 * late: the answer, or the end of the connection, may wait in the kernel when the timer is due. Node.js runs timers
 * before it reads. So the deadline is over only when the thread has read everything that had arrived.
 */

/** Calls `onOver` after this time, unless the returned function is called before. */
export function startDeadline(ms: number, onOver: () => void): () => void {
  let isStopped = false
  // [Node.js, The event loop] After the timers, the loop reads, runs immediates, and reports closed sockets. The second
  // immediate is behind all of them.
  const timer = setTimeout(() => setImmediate(() => setImmediate(() => isStopped || onOver())), ms)
  return () => {
    isStopped = true
    clearTimeout(timer)
  }
}
