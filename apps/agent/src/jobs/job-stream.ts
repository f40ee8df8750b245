/** Job stream: hears what batches ask of this device, and hands results in, for as long as the link holds. */
import { ORPCError } from '@orpc/client'
import { WIPE_KIND } from '@skerry/contract/link/link'
import type { LinkClient } from '../link/signed-streams.ts'
import type { JobDesk } from './job-desk.ts'

/** Deletes everything; `tell` says to the hub that it has begun. */
export type WipeDevice = (tell: () => Promise<unknown>) => Promise<void>

type Obeying = { desk: JobDesk; wipe: WipeDevice | undefined }

/** Never returns: a hub that ends the stream has something wrong with it, and is asked anew. A hub that knows no batches asks nothing. */
export async function followJobs({ desk, wipe }: Obeying, client: LinkClient, signal: AbortSignal): Promise<never> {
  try {
    return await Promise.race([listen({ desk, wipe }, client, signal), handIn(desk, client, signal)])
  } catch (error) {
    // [oRPC] What a server says of a procedure that it does not have.
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

/** Whatever is in the journal, until the hub says that it has it. */
async function handIn(desk: JobDesk, client: LinkClient, signal: AbortSignal): Promise<never> {
  for (;;) {
    for (const result of desk.unheard()) {
      await client.jobDone(result, { signal })
      desk.heard(result)
    }
    await desk.news(signal)
  }
}
