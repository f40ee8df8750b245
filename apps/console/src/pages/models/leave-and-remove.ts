/** Leave and remove: takes the page of a thing away before the thing: else the page would ask for what is gone, the moment the hub tells of it. */
import { problemOf } from '@skerry/client/problem'
import { toast } from '../../components/toasts.tsx'

type Removal = {
  leave: () => Promise<void>
  remove: () => Promise<unknown>
  /** Where it is not removed, its page is shown again. */
  comeBack: () => Promise<void>
  /** Drops what was kept of it. */
  forget: () => void
}

/** Rejects with what the hub refuses, after saying so: who asked has gone with the page. */
export async function leaveAndRemove({ leave, remove, comeBack, forget }: Removal): Promise<void> {
  await leave()
  try {
    await remove()
  } catch (error) {
    await comeBack()
    toast('bad', problemOf(error).message)
    throw error
  }
  forget()
}
