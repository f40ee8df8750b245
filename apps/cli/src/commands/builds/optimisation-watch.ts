/** Optimisation watch: prints a line for each change until it ends, then its results. */
import type { SkerryClient } from '@skerry/client/client'
import type { OptimisationId } from '@skerry/contract/values/ids'
import { systemClock } from '@skerry/platform/process/clock'
import type { Session } from '../../program/session.ts'
import { optimisationLine, optimisationText } from './build-view.ts'

/** A recipe takes seconds to minutes. Each look reads one row of the hub's database. */
const LOOK_MS = 500

export async function watchOptimisation(client: SkerryClient, id: OptimisationId, session: Session): Promise<void> {
  let last = ''
  for (;;) {
    const optimisation = await client.optimisation.get({ optimisation: id }, { signal: session.signal })
    const line = optimisationLine(optimisation)
    if (line !== last) session.printEvent({ json: optimisation, text: () => line })
    last = line
    if (optimisation.status === 'done' || optimisation.status === 'cancelled') {
      if (!session.isJson)
        session.print({ json: optimisation, text: () => optimisationText(optimisation, session.style) })
      return
    }
    await systemClock.sleep(LOOK_MS, session.signal)
  }
}
