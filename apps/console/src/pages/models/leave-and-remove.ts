/**
 * Leave and remove: leaves the page of an object before it removes the object. Otherwise the page would fetch the
 * removed object as soon as the hub reports the removal.
 */
import { problemOf } from '@skerry/client/problem'
import { toast } from '../../components/toasts.tsx'

type Removal = {
  leave: () => Promise<void>
  remove: () => Promise<unknown>
  /** Shows the page again if the removal failed. */
  comeBack: () => Promise<void>
  /** Drops the cached data of the object. */
  forget: () => void
}

/** Rejects with the hub's error, and shows it in a toast first, because the page is already gone. */
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
