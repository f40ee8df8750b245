/** Use batch: creates the batch of a command that the hub composes, once, and goes to the page of the batch. */
import { problemOf } from '@skerry/client/problem'
import type { BatchSpec } from '@skerry/contract/batches/batch'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { hub } from '../../hub/hub-client.ts'

type Wanted = { compose: () => Promise<BatchSpec['command']>; selector: string }

/** The batch waits for a signature there. */
export function useBatch() {
  const navigate = useNavigate()
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const submit = async ({ compose, selector }: Wanted) => {
    if (isBusy) return
    setBusy(true)
    setError(undefined)
    try {
      const { id } = await hub.batch.create({ command: await compose(), selector })
      await navigate({ to: '/batches/$batch', params: { batch: id } })
    } catch (failure) {
      const { code, message } = problemOf(failure)
      setError(`${message} (${code})`)
      setBusy(false)
    }
  }
  return { submit, isBusy, error }
}
