/**
 * Gated session: a session whose writes pass the lease gate of a pair. The gate is checked after all waits of Skerry,
 * directly before the protocol sends. A write that is under way when the lease ends takes its connection with it.
 */
import { type LeaseGate, writeWithin } from '@skerry/platform/process/lease-gate'
import type { Session, SessionAlone, WriteOutcome } from '../session.ts'

/** `giveUp` ends the connection. */
export function gatedSession(session: Session, gate: LeaseGate, giveUp: (reason: string) => void): Session {
  const { alone } = session
  const gated = (write: Session['write']): Session['write'] => gatedWrite(write, gate, giveUp)
  return {
    ...session,
    // A protocol with one request at a time lets the write wait for its turn: the gate is checked when the turn has come.
    write: alone
      ? (...order) => alone((own) => gated((...at) => own.write(...at))(...order))
      : gated((...order) => session.write(...order)),
    ...(alone && {
      alone: <T>(work: (own: SessionAlone) => Promise<T>) =>
        alone((own) =>
          work({ read: (...order) => own.read(...order), write: gated((...order) => own.write(...order)) }),
        ),
    }),
  }
}

const CLOSED: WriteOutcome = {
  ok: false,
  code: 'write_refused',
  message: 'this device is not the active one of its pair; write through the active one ("skerry pair show" names it)',
}

const LATE: WriteOutcome = {
  ok: false,
  code: 'write_unverified',
  message: 'the lease of the pair ended during the write; read the tag to see the value of the equipment',
}

function gatedWrite(write: Session['write'], gate: LeaseGate, giveUp: (reason: string) => void): Session['write'] {
  return async (tag, value, signal) => {
    const outcome = await writeWithin(gate, (at) => write(tag, value, at), signal)
    switch (outcome.kind) {
      case 'done':
        return outcome.result
      case 'closed':
        return CLOSED
      case 'late':
        giveUp('the lease of the pair ended during a write')
        return LATE
    }
  }
}
