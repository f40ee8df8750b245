/** Job stream: receives the jobs of batches for this device, and sends their results, for as long as the link holds. */
import { ORPCError } from '@orpc/client'
import { WIPE_KIND } from '@skerry/contract/link/link'
import type { LinkClient } from '../link/signed-streams.ts'
import type { JobDesk } from './job-desk.ts'

/** Deletes everything. `tell` reports to the hub that the wipe has begun. */
export type WipeDevice = (tell: () => Promise<unknown>) => Promise<void>

type Obeying = { desk: JobDesk; wipe: WipeDevice | undefined }

/**
 * Never returns. If a hub ends the stream, it has a fault, and the device connects again. A hub without batches sends
 * none.
 */
export async function followJobs({ desk, wipe }: Obeying, client: LinkClient, signal: AbortSignal): Promise<never> {
  try {
    return await Promise.race([listen({ desk, wipe }, client, signal), handIn(desk, client, signal)])
  } catch (error) {
    // [oRPC] The code of a server that does not have the procedure.
    if (error instanceof ORPCError && error.code === 'NOT_FOUND') return new Promise(() => {})
    throw error
  } finally {
    desk.linkEnded()
  }
}

async function listen({ desk, wipe }: Obeying, client: LinkClient, signal: AbortSignal): Promise<never> {
  const kinds = [...desk.kinds, ...(wipe ? [WIPE_KIND] : [])]
  for await (const message of await client.jobs({ kinds }, { signal })) {
    if (message.kind === 'wipe') await wipe?.(() => client.wipeBegun({}, { signal }))
    else desk.take(message)
  }
  throw new Error('the hub ended the stream of jobs')
}

/** Sends all results in the journal, until the hub confirms them. */
async function handIn(desk: JobDesk, client: LinkClient, signal: AbortSignal): Promise<never> {
  for (;;) {
    for (const result of desk.unheard()) {
      await client.jobDone(result, { signal })
      desk.heard(result)
    }
    await desk.news(signal)
  }
}
